import type { Altcha } from '../api/client'

const PATIENCE_MS = 20_000 // a phone that needs longer gets a picture

/** Browsers offer their cryptography on https and on this machine only. */
export const canWork = () => isSecureContext && !!crypto.subtle && typeof Worker === 'function'

/** ALTCHA's payload; null when it could not be had. The page goes on while it is computed. */
export function work(altcha: Altcha): Promise<string | null> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
  return new Promise<string | null>((done) => {
    const timer = setTimeout(end, PATIENCE_MS, null)
    function end(payload: string | null): void {
      clearTimeout(timer)
      worker.terminate()
      done(payload)
    }
    worker.onmessage = ({ data }) => end(data && btoa(JSON.stringify({ challenge: altcha, solution: data })))
    worker.onerror = () => end(null)
    worker.postMessage(altcha.parameters)
  })
}

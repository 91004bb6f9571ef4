import type { Altcha } from '../api/client'

const TIMEOUT_MS = 20_000 // a phone that needs longer gets an image

/** Browsers offer Web Crypto on https and on localhost only. */
export const canComputeProof = () => isSecureContext && !!crypto.subtle && typeof Worker === 'function'

/** ALTCHA's payload, computed in a worker; null when it failed or took too long. */
export function computeProof(altcha: Altcha): Promise<string | null> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
  return new Promise<string | null>((resolve) => {
    const timer = setTimeout(finish, TIMEOUT_MS, null)
    function finish(payload: string | null): void {
      clearTimeout(timer)
      worker.terminate()
      resolve(payload)
    }
    worker.onmessage = ({ data }) => finish(data && btoa(JSON.stringify({ challenge: altcha, solution: data })))
    worker.onerror = () => finish(null)
    worker.postMessage(altcha.parameters)
  })
}

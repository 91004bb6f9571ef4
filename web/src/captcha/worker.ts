/** Finds the counter whose derived key begins with the prefix (altcha.org, version 2). Posts null if it cannot. */
import type { Altcha } from '../api/client'

type Parameters = Altcha['parameters']
const BATCH = 4 // the browser derives keys on threads of its own

self.onmessage = async ({ data }: MessageEvent<Parameters>) => {
  postMessage(await solve(data).catch(() => null))
}

async function solve(parameters: Parameters): Promise<{ counter: number; derivedKey: string } | null> {
  if (parameters.algorithm !== 'PBKDF2/SHA-256') return null
  for (let first = 0; ; first += BATCH) {
    const counters = Array.from({ length: BATCH }, (_, index) => first + index)
    const keys = await Promise.all(counters.map((counter) => deriveKey(parameters, counter)))
    const index = keys.findIndex((key) => key.startsWith(parameters.keyPrefix))
    if (index >= 0) return { counter: first + index, derivedKey: keys[index]! }
  }
}

async function deriveKey({ nonce, salt, cost, keyLength }: Parameters, counter: number): Promise<string> {
  const password = new Uint8Array([...fromHex(nonce), 0, 0, 0, 0])
  new DataView(password.buffer).setUint32(password.length - 4, counter)
  const key = await crypto.subtle.importKey('raw', password, 'PBKDF2', false, ['deriveBits'])
  const algorithm = { name: 'PBKDF2', hash: 'SHA-256', salt: fromHex(salt), iterations: cost }
  return toHex(new Uint8Array(await crypto.subtle.deriveBits(algorithm, key, keyLength * 8)))
}

const fromHex = (text: string) => new Uint8Array((text.match(/../g) ?? []).map((pair) => parseInt(pair, 16)))
const toHex = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')

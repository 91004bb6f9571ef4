/** Looks for the counter whose derived key begins as it must (altcha.org, version 2). Answers null if it cannot. */
import type { Altcha } from '../api/client'

type Parameters = Altcha['parameters']
const AT_ONCE = 4 // the browser computes on threads of its own

self.onmessage = async ({ data }: MessageEvent<Parameters>) => {
  postMessage(await solve(data).catch(() => null))
}

async function solve(given: Parameters): Promise<{ counter: number; derivedKey: string } | null> {
  if (given.algorithm !== 'PBKDF2/SHA-256') return null
  for (let first = 0; ; first += AT_ONCE) {
    const counters = Array.from({ length: AT_ONCE }, (_, index) => first + index)
    const keys = await Promise.all(counters.map((counter) => derived(given, counter)))
    const index = keys.findIndex((key) => key.startsWith(given.keyPrefix))
    if (index >= 0) return { counter: first + index, derivedKey: keys[index]! }
  }
}

async function derived({ nonce, salt, cost, keyLength }: Parameters, counter: number): Promise<string> {
  const password = new Uint8Array([...bytes(nonce), 0, 0, 0, 0])
  new DataView(password.buffer).setUint32(password.length - 4, counter)
  const key = await crypto.subtle.importKey('raw', password, 'PBKDF2', false, ['deriveBits'])
  const how = { name: 'PBKDF2', hash: 'SHA-256', salt: bytes(salt), iterations: cost }
  return hex(new Uint8Array(await crypto.subtle.deriveBits(how, key, keyLength * 8)))
}

const bytes = (text: string) => new Uint8Array((text.match(/../g) ?? []).map((pair) => parseInt(pair, 16)))
const hex = (found: Uint8Array) => [...found].map((byte) => byte.toString(16).padStart(2, '0')).join('')

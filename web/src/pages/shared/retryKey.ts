/**
 * The idempotency key of a request: the same for the same body, a new one when a value changes. The server then
 * runs a repeated request once, even when its first response was lost.
 */
export function useRetryKey(): (body: object) => string {
  let key = ''
  let last = ''
  return (body) => {
    const text = JSON.stringify(body)
    if (text !== last) {
      key = randomKey()
      last = text
    }
    return key
  }
}

// crypto.randomUUID is missing where a page is not served over https.
function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/**
 * A key for a request that may have to be sent again: the same for the same body, a new one when a value changes.
 * The server then does once what arrives twice, even when its first answer was lost on the way.
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

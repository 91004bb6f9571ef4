/** What this tab keeps over a reload, and over a way to another site and back. */

// Storage may be switched off in the browser; then a reload ends it.
const memory = new Map<string, string>()

export function read(name: string): string | null {
  try {
    return sessionStorage.getItem(name) ?? memory.get(name) ?? null
  } catch {
    return memory.get(name) ?? null
  }
}

export function write(name: string, text: string): void {
  memory.set(name, text)
  try {
    sessionStorage.setItem(name, text)
  } catch {
    return
  }
}

export function drop(name: string): void {
  memory.delete(name)
  try {
    sessionStorage.removeItem(name)
  } catch {
    return
  }
}

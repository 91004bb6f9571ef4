/** Values of this tab that outlive a reload and a visit to another site. */

// The browser may forbid storage; then a reload loses them.
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

export function remove(name: string): void {
  memory.delete(name)
  try {
    sessionStorage.removeItem(name)
  } catch {
    return
  }
}

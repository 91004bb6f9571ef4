const YEAR = 365 * 24 * 3600

/** A preference of this browser. The server reads it before the scripts run. */
export function keep(name: string, value: string): void {
  const secure = location.protocol === 'https:' ? '; Secure' : ''
  document.cookie = `${name}=${value}; Path=/; Max-Age=${value ? YEAR : 0}; SameSite=Lax${secure}`
}

const YEAR = 365 * 24 * 3600

/** Stores a preference of this browser in a cookie: the server reads it before the scripts run. */
export function savePreference(name: string, value: string): void {
  const secure = location.protocol === 'https:' ? '; Secure' : ''
  document.cookie = `${name}=${value}; Path=/; Max-Age=${value ? YEAR : 0}; SameSite=Lax${secure}`
}

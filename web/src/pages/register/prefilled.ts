import { isMobile } from '@/checks'

/** What somebody typed on the sign-in page, in the field where it belongs here. */
export function prefilled(name: unknown): { mobile: string; username: string; email: string } {
  const fields = { mobile: '', username: '', email: '' }
  if (typeof name !== 'string' || !name) return fields
  if (name.includes('@')) return { ...fields, email: name }
  return isMobile(name) ? { ...fields, mobile: name } : { ...fields, username: name }
}

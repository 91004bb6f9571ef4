import { isMobile } from '@/validation'

/** The fields of the form, filled with the name that was typed on the sign-in page. */
export function prefillFrom(name: unknown): { mobile: string; username: string; email: string } {
  const fields = { mobile: '', username: '', email: '' }
  if (typeof name !== 'string' || !name) return fields
  if (name.includes('@')) return { ...fields, email: name }
  return isMobile(name) ? { ...fields, mobile: name } : { ...fields, username: name }
}

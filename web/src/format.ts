import { language } from './i18n'

/** `138 0013 8000`; any other text stays as it is. */
export function formatMobile(text: string): string {
  return text.replace(/^(\d{3})(\d{4})(\d{4})$/, '$1 $2 $3')
}

/** `138****8000`, `+852****4567`, `z***@example.com`: enough for its owner to recognize. */
export function maskContact(contact: string): string {
  const at = contact.indexOf('@')
  if (at > 0) return `${contact[0]}***${contact.slice(at)}`
  return `${contact.slice(0, contact.startsWith('+') ? 4 : 3)}****${contact.slice(-4)}`
}

/** At least one. */
export function wholeMinutes(seconds: number): number {
  return Math.max(1, Math.floor(seconds / 60))
}

/** The day in the language of the page and the customer's time zone. */
export function formatDay(iso: string): string {
  return new Intl.DateTimeFormat(language.value, { dateStyle: 'medium' }).format(new Date(iso))
}

/** Day and time, likewise. */
export function formatMoment(iso: string): string {
  return new Intl.DateTimeFormat(language.value, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(iso))
}

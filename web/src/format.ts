import { language } from './i18n'

/** `138 0013 8000`; anything else stays as it is. */
export function spacedMobile(text: string): string {
  return text.replace(/^(\d{3})(\d{4})(\d{4})$/, '$1 $2 $3')
}

/** `138****8000`, `+852****4567`, `z***@example.com`: enough to know one's own again. */
export function masked(target: string): string {
  const at = target.indexOf('@')
  if (at > 0) return `${target[0]}***${target.slice(at)}`
  return `${target.slice(0, target.startsWith('+') ? 4 : 3)}****${target.slice(-4)}`
}

/** The day alone, where the hour says nothing. */
export function day(iso: string): string {
  return new Intl.DateTimeFormat(language.value, { dateStyle: 'medium' }).format(new Date(iso))
}

/** Day and time in the language of the page and the customer's time zone. */
export function moment(iso: string): string {
  return new Intl.DateTimeFormat(language.value, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(iso))
}

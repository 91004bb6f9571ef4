/** The shapes that the server asks for (menpai/identifiers.py), told while somebody still types. */
import { boot } from './boot'
import type { Key } from './i18n'

const RESERVED = new Set(
  'address password weibo sms register login activation check tokens users admin api me'.split(' '),
)
const NAME = /^[\p{L}\p{Nd}\p{Mc}\p{Mn}_]+$/u
const EMAIL = /^[\w.!#$%&'*+/=?^`{|}~-]+@[^\s@.]+(\.[^\s@.]+)+$/

/** Eleven digits where possible, from what people type: full-width digits, +86, spaces, dashes. Abroad: + and digits. */
export function normalMobile(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/[ \-‐-―()]+/g, '')
    .replace(/^(\+86|0086)/, '')
}

export function isMainlandMobile(text: string): boolean {
  return text.length <= 40 && /^1[3-9][0-9]{9}$/.test(normalMobile(text))
}

/** …or one abroad, where the shop takes those; of which regions, only the server knows. */
export function isMobile(text: string): boolean {
  return isMainlandMobile(text) || (boot.abroad && isAbroad(text))
}

function isAbroad(text: string): boolean {
  return text.length <= 40 && /^\+[1-9][0-9]{6,14}$/.test(normalMobile(text))
}

export function mobileProblem(text: string): Key | null {
  if (!text.trim()) return 'mobile_missing'
  if (isMobile(text.trim())) return null
  return boot.abroad ? 'mobile_wrong_abroad' : 'mobile_wrong'
}

export function emailProblem(text: string): Key | null {
  const typed = text.trim()
  if (!typed) return 'email_missing'
  return typed.length <= 254 && EMAIL.test(typed) ? null : 'email_wrong'
}

export function usernameProblem(text: string): Key | null {
  if (!text.trim()) return 'username_missing'
  const typed = text.normalize('NFC')
  const key = typed.normalize('NFKC').toLowerCase()
  const length = [...typed].length
  const fits = length >= 3 && length <= 32 && NAME.test(typed) && NAME.test(key)
  return fits && !RESERVED.has(key) && !isMobile(key) ? null : 'username_wrong'
}

export function passwordProblem(text: string): Key | null {
  if (!text) return 'password_missing'
  const length = [...text.normalize('NFKC')].length
  return length >= boot.rules.password_min && length <= boot.rules.password_max ? null : 'password_length'
}

export function codeProblem(digits: number): (text: string) => Key | null {
  return (text) => {
    if (!text) return 'code_missing'
    return text.length === digits ? null : 'code_short'
  }
}

export function required(text: string): Key | null {
  return text.trim() ? null : 'missing'
}

/** The rules of the server (menpai/identifiers.py), checked while the customer types. `validate…` returns the key of
 * the text that says what is wrong, or null. */
import { boot } from './boot'
import { NOISE, SEPARATORS } from './characters'
import type { Key } from './i18n'

const RESERVED = new Set(
  'address password weibo sms register login activation check tokens users admin api me'.split(' '),
)
const NAME = /^[\p{L}\p{Nd}\p{Mc}\p{Mn}_]+$/u
const EMAIL = /^[\w.!#$%&'*+/=?^`{|}~-]+@[^\s@.]+(\.[^\s@.]+)+$/

/** Text without characters that carry no meaning, such as direction marks, and without full-width forms. */
export function removeNoise(text: string): string {
  return text.replace(NOISE, '').normalize('NFKC').replace(NOISE, '').trim()
}

/** A typed number without noise, +86, spaces and dashes: 11 digits, or + and digits abroad. */
export function normalizeMobile(text: string): string {
  return removeNoise(text)
    .replace(SEPARATORS, '')
    .replace(/^(\+86|0086)/, '')
}

export function isMainlandMobile(text: string): boolean {
  return text.length <= 80 && /^1[3-9][0-9]{9}$/.test(normalizeMobile(text))
}

/** A mainland number, or one abroad if the shop accepts those; only the server knows of which regions. */
export function isMobile(text: string): boolean {
  return isMainlandMobile(text) || (boot.abroad && isForeignMobile(text))
}

function isForeignMobile(text: string): boolean {
  return text.length <= 80 && /^\+[1-9][0-9]{6,14}$/.test(normalizeMobile(text))
}

export function validateMobile(text: string): Key | null {
  if (!text.trim()) return 'mobile_missing'
  if (isMobile(text)) return null
  return boot.abroad ? 'mobile_wrong_abroad' : 'mobile_wrong'
}

export function validateEmail(text: string): Key | null {
  const email = removeNoise(text)
  if (!email) return 'email_missing'
  return email.length <= 254 && EMAIL.test(email) ? null : 'email_wrong'
}

export function validateUsername(text: string): Key | null {
  if (!text.trim()) return 'username_missing'
  const username = text.replace(NOISE, '').normalize('NFC').trim()
  const key = username.normalize('NFKC').toLowerCase()
  const length = [...username].length
  const isWellFormed = length >= 3 && length <= 32 && NAME.test(username) && NAME.test(key)
  return isWellFormed && !RESERVED.has(key) && !isMobile(key) ? null : 'username_wrong'
}

export function validatePassword(text: string): Key | null {
  if (!text) return 'password_missing'
  const length = [...text.normalize('NFKC')].length
  return length >= boot.rules.password_min && length <= boot.rules.password_max ? null : 'password_length'
}

/** The repeated password must be the same. */
export function validateRepeat(text: string, { password }: { password: string }): Key | null {
  if (!text) return 'password2_missing'
  return text === password ? null : 'passwords_differ'
}

export function codeValidator(digits: number): (text: string) => Key | null {
  return (text) => {
    if (!text) return 'code_missing'
    return text.length === digits ? null : 'code_short'
  }
}

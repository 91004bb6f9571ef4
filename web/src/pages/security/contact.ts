import { api, call, type CodeSent, type Me } from '@/api/client'
import { boot } from '@/boot'
import type { Key } from '@/i18n'
import { validateEmail, validateMobile, normalizeMobile } from '@/validation'

/** How to change an email address or a mobile number: a code is requested, then sent back. */
export interface Contact {
  kind: 'email' | 'mobile'
  digits: number
  validate: (text: string) => Key | null
  normalize: (text: string) => string
  /** Without a password the customer is asked who they are. */
  requestCode: (target: string, password?: string) => Promise<CodeSent>
  change: (target: string, code: string) => Promise<Me>
}

export const CONTACTS: Record<Contact['kind'], Contact> = {
  email: {
    kind: 'email',
    digits: boot.rules.mail_digits,
    validate: validateEmail,
    normalize: (text) => text.trim(),
    requestCode: (email, password) => call(api.POST('/api/me/email/code', { body: { email, password } })),
    change: (email, code) => call(api.PUT('/api/me/email', { body: { email, code } })),
  },
  mobile: {
    kind: 'mobile',
    digits: boot.rules.sms_digits,
    validate: validateMobile,
    normalize: normalizeMobile,
    requestCode: (mobile, password) => call(api.POST('/api/me/mobile/code', { body: { mobile, password } })),
    change: (mobile, code) => call(api.PUT('/api/me/mobile', { body: { mobile, code } })),
  },
}

import { api, call, type CodeSent, type Me } from '@/api/client'
import { boot } from '@/boot'
import { emailProblem, mobileProblem, normalMobile } from '@/checks'
import type { Key } from '@/i18n'

/** What is asked for a code, and what the code then changes: an e-mail or a mobile. */
export interface Contact {
  kind: 'email' | 'mobile'
  digits: number
  check: (text: string) => Key | null
  plain: (text: string) => string
  ask: (target: string, password: string) => Promise<CodeSent>
  change: (target: string, code: string) => Promise<Me>
}

export const CONTACTS: Record<Contact['kind'], Contact> = {
  email: {
    kind: 'email',
    digits: boot.rules.mail_digits,
    check: emailProblem,
    plain: (text) => text.trim(),
    ask: (email, password) => call(api.POST('/api/me/email/code', { body: { email, password } })),
    change: (email, code) => call(api.PUT('/api/me/email', { body: { email, code } })),
  },
  mobile: {
    kind: 'mobile',
    digits: boot.rules.sms_digits,
    check: mobileProblem,
    plain: normalMobile,
    ask: (mobile, password) => call(api.POST('/api/me/mobile/code', { body: { mobile, password } })),
    change: (mobile, code) => call(api.PUT('/api/me/mobile', { body: { mobile, code } })),
  },
}

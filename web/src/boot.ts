import type { components } from './api/schema'

export type Provider = 'weibo' | 'wechat' | 'qq' | 'alipay'

/** What the server's shell says before anything is drawn. */
export interface Boot {
  brand: { name: string; logo: string; icp: string }
  language: 'zh-CN' | 'en'
  me: components['schemas']['Me'] | null
  terms: { version: string; url: string; privacy_url: string }
  rules: {
    resend_after: number
    password_min: number
    password_max: number
    sms_digits: number
    mail_digits: number
    addresses: number
  }
  /** Whether mobiles of other regions than the mainland are taken, too. */
  abroad: boolean
  /** Where else somebody may sign in from; empty: there is no trace of it. */
  providers: Provider[]
  mailbox: boolean
  status: number
}

export const boot: Boot = JSON.parse(document.getElementById('boot')!.textContent!)

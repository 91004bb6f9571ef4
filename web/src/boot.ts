import type { components } from './api/schema'

export type Provider = 'weibo' | 'wechat' | 'qq' | 'alipay'

/** The data that the server writes into the page (menpai/pages). */
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
  /** Mobile numbers outside mainland China are accepted. */
  abroad: boolean
  /** The providers that are set up. */
  providers: Provider[]
  /** There is a development mailbox. */
  mailbox: boolean
  status: number
}

export const boot: Boot = JSON.parse(document.getElementById('boot')!.textContent!)

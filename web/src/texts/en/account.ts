import type zh from '../zh/account'

export default {
  account_mobile: 'Mobile',
  account_email: 'E-mail',
  account_none: 'None yet',
  account_verified: 'Verified',
  account_unverified: 'Not verified yet',
  account_email_lead: 
    'We sent a mail there: open the link in it to activate it. Then you can sign in and recover your password with it.',
  account_more: 'More',
  loading_failed: 'This did not load',
} satisfies Record<keyof typeof zh, string>

import type zh from '../zh/account'

export default {
  account_mobile: 'Mobile',
  account_email: 'E-mail',
  account_username: 'User name',
  account_none: 'None yet',
  account_verified: 'Verified',
  account_unverified: 'Not verified yet',
  account_email_lead: 'Once it is activated, you can sign in and recover your password with it.',
  account_more: 'More',
  loading_failed: 'This did not load',
} satisfies Record<keyof typeof zh, string>

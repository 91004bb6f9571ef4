import type zh from '../zh/account'

export default {
  account_mobile: 'Mobile',
  account_email: 'Email',
  account_none: 'Not added',
  account_verified: 'Verified',
  account_unverified: 'Not verified',
  account_email_lead:
    'We sent you an activation email. Open the link in it, and you can sign in and reset your password with this address.',
  account_more: 'More',
  loading_failed: 'Failed to load',
} satisfies Record<keyof typeof zh, string>

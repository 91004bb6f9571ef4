import type zh from '../zh/activate'

export default {
  activate_lead:
    'Please confirm that you registered this account. You can then sign in and reset your password with this email address.',
  activate_refuse_lead:
    'If you didn\'t register it, choose "Not me" and we\'ll remove this email address from that account.',
  activate_yes: 'Activate',
  activate_yes_busy: 'Activating…',
  activate_no: 'Not me',
  activate_no_busy: 'One moment…',
  activate_activated_title: 'Account activated',
  activate_activated: 'Your email address is verified. You can now sign in and reset your password with it.',
  activate_refused_title: 'Email address removed',
  activate_refused:
    "This email address has been removed from that account, and all of its sessions have ended. You don't need to do anything else.",
  activate_expired_title: 'This link is no longer valid',
  activate_expired: 'It has already been used or has expired. You can request a new one after signing in.',
  activate_waiting: 'Your email address {address} has not been verified yet.',
  activate_expired_signed_in: 'It has already been used or has expired.',
  activate_verified: "Your email address {address} is verified. You don't need to do anything else.",
  activate_malformed_title: 'This link is incomplete',
  activate_malformed: 'Please open the full link from the email again.',
  activate_to_account: 'Go to my account',
  activate_to_sign_in: 'Sign in',
  activate_to_home: 'Go to the home page',
  activate_again: 'Resend the activation email',
  activate_again_sent: 'The activation email has been sent to {address}. Please open the link in it.',
  resend_question: "Didn't get it?",
  resend_wait: 'Resend in {n} s',
  resend_now: 'Resend',
  resend_busy: 'Sending…',
  resend_sent: 'Sent again.',
} satisfies Record<keyof typeof zh, string>

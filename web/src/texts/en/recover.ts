import type zh from '../zh/recover'

export default {
  recover_steps: 'Steps to reset your password',
  recover_step_target: 'Account',
  recover_step_code: 'Code',
  recover_step_password: 'Password',
  recover_target: 'Mobile number or email',
  recover_target_hint: "We'll send you a code.",
  recover_target_invalid: 'Please enter a valid mobile number or email address.',
  recover_send: 'Send code',
  recover_sending: 'Sending…',
  recover_sent: 'If this account exists, a code has been sent to {target}. It expires in {n} min.',
  recover_other: 'Use another one',
  recover_next: 'Next',
  recover_checking: 'Checking…',
  recover_password_lead: 'Choose a new password for {target}. All devices will be signed out.',
  recover_password: 'New password',
  recover_password2: 'Confirm new password',
  recover_save: 'Reset password',
  recover_saving: 'Saving…',
  recover_expired: 'Your verification has expired. Please request a new code.',
  recover_perhaps_done:
    "Your password may already have been reset. Try signing in with it. If that doesn't work, request a new code.",
  recover_done:
    'Your password has been reset, and all devices have been signed out. Please sign in with the new password.',
  recover_remembered: 'Remembered it?',
  recover_sign_in: 'Back to sign-in',
} satisfies Record<keyof typeof zh, string>

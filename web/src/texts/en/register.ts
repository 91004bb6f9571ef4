import type zh from '../zh/register'

export default {
  register_mobile: 'Mobile',
  register_mobile_taken: 'This mobile is registered. You can sign in.',
  register_mobile_taken_link: 'Sign in with this mobile',
  register_password: 'Password',
  register_more: 'Add a user name and an e-mail (optional)',
  register_username: 'User name',
  register_username_hint: '3–32 letters, digits or underscores. You can sign in with it.',
  register_email: 'E-mail',
  register_email_hint: 'Once activated, you can sign in and recover your password with it.',
  register_terms_changed: 'The terms have changed. Please load this page again, read them and send the form once more.',
  register_submit: 'Register',
  register_busy: 'Registering…',
  register_sign_in_question: 'Registered already?',
  register_sign_in: 'Sign in',
  register_done: 'You are registered.',
  register_mail_lead:
    'The activation mail is on its way to {address}. Please open it and follow the link, to confirm that this e-mail is yours.',
  register_mail_hint:
    'If you do not see it, please look into the spam folder. Your account works without it, too.',
  register_continue: 'Continue',
  register_to_home: 'To the home page',
} satisfies Record<keyof typeof zh, string>

import type zh from '../zh/register'

export default {
  register_mobile: 'Mobile number',
  register_mobile_taken: 'This mobile number is already registered. You can sign in.',
  register_mobile_taken_link: 'Sign in with this number',
  register_password: 'Password',
  register_more: 'Add a username and an email address (optional)',
  register_username: 'Username',
  register_username_hint: '3–32 letters, digits or underscores. You can sign in with it.',
  register_email: 'Email',
  register_email_hint: 'Once verified, you can sign in and reset your password with it.',
  register_terms_changed: 'The terms have changed. Please reload this page, read them and submit the form again.',
  register_submit: 'Register',
  register_busy: 'Registering…',
  register_sign_in_question: 'Already have an account?',
  register_sign_in: 'Sign in',
  register_done: 'Your account has been created.',
  register_mail_lead:
    'We sent an activation email to {address}. Open the link in it to confirm that this address is yours.',
  register_mail_hint: "If you don't see it, check your spam folder. You can use your account without activating it.",
  register_continue: 'Continue',
  register_to_home: 'Go to the home page',
} satisfies Record<keyof typeof zh, string>

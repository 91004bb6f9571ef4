import type zh from '../zh/activate'

export default {
  activate_lead:
    'Please confirm that you registered this account. Then you can sign in and recover your password with this e-mail.',
  activate_refuse_lead: 'If you did not register, choose "Not me": this e-mail is then taken off that account.',
  activate_yes: 'Activate',
  activate_yes_busy: 'Activating…',
  activate_no: 'Not me',
  activate_no_busy: 'One moment…',
  activate_activated_title: 'Activated',
  activate_activated: 'Your e-mail is confirmed. You can now sign in and recover your password with it.',
  activate_refused_title: 'Removed',
  activate_refused:
    'This e-mail is off that account, and whoever was signed in there is signed out. There is nothing more to do.',
  activate_gone_title: 'This link is no longer valid',
  activate_gone: 'It was used already, or its time is over. After signing in you can have a new one sent.',
  activate_waiting: 'Your e-mail {address} is not activated yet.',
  activate_gone_signed_in: 'It was used already, or its time is over.',
  activate_proven: 'Your e-mail {address} is activated. There is nothing more to do.',
  activate_malformed_title: 'This link is incomplete',
  activate_malformed: 'Please open the whole link from the mail again.',
  activate_to_account: 'To my account',
  activate_to_sign_in: 'Sign in',
  activate_to_home: 'To the home page',
  activate_again: 'Send the activation mail again',
  activate_again_sent: 'The activation mail is on its way to {address}. Please open the link in it.',
  resend_question: 'Nothing there?',
  resend_wait: 'Send again in {n} s',
  resend_now: 'Send again',
  resend_busy: 'Sending…',
  resend_sent: 'Sent again.',
} satisfies Record<keyof typeof zh, string>

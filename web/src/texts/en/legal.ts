import type { Legal } from '@/pages/legal/legal'

const terms = [
  {
    title: '1. What these terms are about',
    text: [
      'These terms are between you and {brand} and are about the account centre: registering and signing in, recovering a password, and keeping your addresses and devices. Goods, orders, payment and returns follow the other rules of {brand}.',
      'They apply once you have ticked that you accept them. If you do not accept them you cannot register, but you may still read these pages.',
    ],
  },
  {
    title: '2. Registering',
    text: [
      'You need a mobile number of mainland China that you use yourself and confirm with a code by SMS. A user name and an e-mail are optional.',
      'If you sign in with an SMS code and the number is new here, an account is created once the number is confirmed.',
      'If you are under fourteen, a parent or guardian has to agree and register for you.',
    ],
  },
  {
    title: '3. Looking after your account',
    text: [
      'Tell nobody your password or a code, not even somebody who says that they work for us. {brand} never asks you for a code.',
      'If somebody else uses your account, change your password at once: every device is then signed out. Under "Signed-in devices" you can see and sign out other devices.',
      'Before you give up a mobile number or an e-mail, change it under "Account and security", or codes will not reach you.',
    ],
  },
  {
    title: '4. What is not allowed',
    text: [
      'Do not use the mobile, e-mail or identity of others, do not register by program, do not guess passwords or codes, and do not disturb the service.',
      'To protect you and other customers there are limits on sending codes and on signing in. Accounts that break these terms may be disabled. If you have questions about that, contact {brand}.',
    ],
  },
  {
    title: '5. Changes of the service',
    text: [
      'SMS and mails are carried by others and may be late or lost. During maintenance the service may be away for a short time. We bring it back as soon as we can.',
      'When these terms change in an important way, the version changes. You are told before changes that affect your rights apply.',
    ],
  },
  {
    title: '6. Ending it',
    text: [
      'You may stop at any time, and you may ask {brand} to close your account. Your data is then deleted, except what the law requires to be kept, and cannot be brought back.',
    ],
  },
  {
    title: '7. Law and disputes',
    text: [
      "The law of the People's Republic of China applies. Please talk to {brand} first; if that does not help, you may go to the court that is competent by law. Nothing here limits the rights that the law gives to consumers.",
    ],
  },
]

const privacy = [
  {
    title: '1. What we collect and what for',
    text: [
      'Mobile number: to register, sign in, recover a password and send codes. It is required for an account.',
      'E-mail and user name: only if you give them, to sign in; the e-mail also for recovering the password and for notices about security.',
      'Password: only an encrypted result that cannot be turned back is kept. Nobody can see your password.',
      'Addresses: receiver, mobile, address, postcode and tag, to choose from when you order and to deliver. If they are about somebody else, please ask that person first.',
      'Devices: when you signed in and were last seen, browser, system and network address, so that you can see and sign out devices and unusual sign-ins are noticed.',
      'Number of requests from a number or network in a span of time, against unwanted SMS and the guessing of passwords.',
      'The version of the terms that you accepted, as proof that you did.',
    ],
  },
  {
    title: '2. Cookies',
    text: [
      'A cookie that scripts cannot read keeps you signed in. Without "Remember me" it ends with the browser; with it, after 30 days at most.',
      'A browser in which somebody signed in gets a random number, for a year: should anybody guess at your password elsewhere, you can still sign in with that browser.',
      'Other cookies remember your language and appearance, and while you recover a password there is one that ends within ten minutes. There are no cookies for advertising or for following you elsewhere, and the pages load no statistics.',
    ],
  },
  {
    title: '3. Who else gets it',
    text: [
      'The SMS provider gets your mobile and the text of the message, the mail provider your e-mail and the text of the mail, only to deliver them to you.',
      'When you order, {brand} gives the receiver, mobile and address to the company that delivers.',
      'Nobody else gets it unless you agree or the law requires it. We do not sell your data.',
    ],
  },
  {
    title: '4. How long it is kept',
    text: [
      'Your account and addresses are kept until you delete them or close the account. A deleted address can be brought back for ten minutes and is not shown afterwards.',
      'The record of messages is generally kept for 90 days, the codes in them not for long; ended sign-ins generally for 30 days. {brand} may have to keep them longer by law.',
    ],
  },
  {
    title: '5. How it is protected',
    text: [
      'Codes are valid for minutes, work once, and are void after a few wrong guesses. After a change of password every device is signed out. Pages show only part of a network address.',
      'If something happens that may affect your data, {brand} tells you and the authorities as the law requires.',
    ],
  },
  {
    title: '6. Your rights',
    text: [
      'In your account you can see and change your mobile, e-mail, password and addresses, delete addresses and sign out devices.',
      'You may ask {brand} to show, copy, correct or delete your data, take back your consent or close your account. Taking back consent does not change what was done before.',
      'If you think that something is wrong, you may complain to the cyberspace administration.',
    ],
  },
  {
    title: '7. Children',
    text: ['If you are under fourteen, a parent or guardian has to agree. They may ask {brand} to show or delete the data of the child.'],
  },
  {
    title: '8. Changes and contact',
    text: [
      'When this policy changes in an important way, the version changes, and you are asked again where that is needed. {brand} is responsible for your data. For any question, please contact the customer service of {brand}.',
    ],
  },
]

export default { terms, privacy } satisfies Legal

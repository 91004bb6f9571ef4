import type { Legal } from '@/pages/legal/legal'

const terms = [
  {
    title: '1. About these terms',
    text: [
      'These terms are an agreement between you and {brand} about the account centre: registering and signing in, resetting your password, and managing your addresses and devices. Products, orders, payments and returns are covered by the other terms of {brand}.',
      'They apply once you have ticked the box to accept them. If you do not accept them, you cannot register, but you can still read these pages.',
    ],
  },
  {
    title: '2. Registration',
    text: [
      'You need a mainland China mobile number of your own, which you verify with an SMS code. A username and an email address are optional.',
      'If you sign in with an SMS code and your number is not registered yet, an account is created once the number is verified.',
      'If you are under fourteen, a parent or guardian must agree and register for you.',
    ],
  },
  {
    title: '3. Keeping your account safe',
    text: [
      'Never share your password or a code with anyone, including people who claim to work for us. {brand} will never ask you for a code.',
      'If someone else is using your account, change your password immediately; all devices will then be signed out. Under "Signed-in devices" you can view your devices and sign them out.',
      'Before you give up a mobile number or an email address, change it under "Account security"; otherwise codes will not reach you.',
    ],
  },
  {
    title: '4. Acceptable use',
    text: [
      'Do not use the mobile number, email address or identity of others, register accounts automatically, guess passwords or codes, or interfere with the service.',
      'To protect you and other customers, we limit how often codes can be sent and how often you can try to sign in. Accounts that violate these terms may be disabled. If you disagree with such a decision, contact {brand}.',
    ],
  },
  {
    title: '5. Changes to the service',
    text: [
      'SMS and emails are delivered by third parties and may be delayed or lost. During maintenance the service may be briefly unavailable. We will restore it as soon as we can.',
      'When these terms change significantly, their version changes. We will notify you before changes that affect your rights take effect.',
    ],
  },
  {
    title: '6. Ending your use',
    text: [
      'You can stop using the service at any time and ask {brand} to close your account. Your data is then permanently deleted, except where the law requires us to keep it.',
    ],
  },
  {
    title: '7. Governing law and disputes',
    text: [
      "These terms are governed by the laws of the People's Republic of China. Please contact {brand} first about any dispute; if it cannot be resolved, you may bring it before a court with jurisdiction. Nothing here limits your statutory rights as a consumer.",
    ],
  },
]

const privacy = [
  {
    title: '1. What we collect and why',
    text: [
      'Mobile number: to register, sign in, reset your password and send you codes. It is required to have an account.',
      'Email address and username: only if you provide them, to sign in; the email address also to reset your password and to send you security notifications.',
      'Password: we store only an irreversible encrypted form of it. Nobody can see your password.',
      'Addresses: recipient, mobile number, address, postcode and label, for choosing when you order and for delivery. If they belong to someone else, please ask that person first.',
      'Devices: the time of sign-in and of last use, the browser, operating system and network address, so that you can view and sign out your devices and we can detect unusual sign-ins.',
      'Number of requests from a mobile number or network within a period of time, to prevent SMS abuse and password guessing.',
      'The version of the terms that you accepted, as a record of your consent.',
    ],
  },
  {
    title: '2. Cookies',
    text: [
      'A cookie that scripts cannot read keeps you signed in. It is deleted when you close your browser or, if you chose "Remember me", after 30 days at most.',
      'A browser that has been used to sign in stores a random number for a year. If someone tries to guess your password elsewhere, you can still sign in with that browser.',
      'Other cookies remember your language and appearance, and while you reset your password there is one that expires within ten minutes. We use no advertising or tracking cookies and no analytics.',
    ],
  },
  {
    title: '3. Who we share it with',
    text: [
      'The SMS provider receives your mobile number and the text of the message, and the email provider your email address and the text of the email, only to deliver them to you.',
      'When you place an order, {brand} gives the recipient, mobile number and address to the delivery company.',
      'We do not share it with anyone else unless you agree or the law requires it. We do not sell your data.',
    ],
  },
  {
    title: '4. How long we keep it',
    text: [
      'We keep your account and addresses until you delete them or close your account. A deleted address can be restored for ten minutes and is no longer shown after that.',
      'We generally keep records of messages for 90 days, the codes in them only briefly, and ended sessions for 30 days. The law may require {brand} to keep them longer.',
    ],
  },
  {
    title: '5. How we protect it',
    text: [
      'Codes expire within minutes, work only once and become invalid after a few incorrect attempts. When you change your password, all devices are signed out. Pages show only part of a network address.',
      'If an incident may affect your data, {brand} will notify you and the authorities as required by law.',
    ],
  },
  {
    title: '6. Your rights',
    text: [
      'In your account you can view and change your mobile number, email address, password and addresses, delete addresses and sign out devices.',
      'You may ask {brand} to give you access to or a copy of your data, to correct or delete it, to withdraw your consent or to close your account. Withdrawing consent does not affect what was done before.',
      'If you believe that your data is being misused, you may file a complaint with the cyberspace administration.',
    ],
  },
  {
    title: '7. Children',
    text: ["If you are under fourteen, a parent or guardian must agree. They may ask {brand} for access to or deletion of the child's data."],
  },
  {
    title: '8. Changes and contact',
    text: [
      'When this policy changes significantly, its version changes, and we ask for your consent again where required. {brand} is responsible for your data. If you have any questions, please contact {brand} customer service.',
    ],
  },
]

export default { terms, privacy } satisfies Legal

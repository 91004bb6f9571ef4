import type zh from '../zh/devices'

export default {
  devices_lead:
    'These devices are signed in to your account. If you do not know one, sign it out and change your password.',
  devices_this: 'This device',
  devices_browser: 'Unknown browser',
  devices_system: 'unknown system',
  devices_network: 'Network {network}',
  devices_seen: 'Last used: {when}',
  devices_signed_in: 'Signed in {when}',
  devices_now: 'just now',
  devices_out: 'Sign this device out',
  devices_out_busy: 'Signing out…',
  devices_out_of: 'Sign this device out: {device}',
  devices_out_others: 'Sign all other devices out',
  devices_out_others_lead: 'All but this one have to sign in again. Others: {n}.',
  devices_out_done: '{device} is signed out.',
  devices_out_others_done: 'All other devices are signed out.',
  devices_only: 'Only this device is signed in to your account.',
} satisfies Record<keyof typeof zh, string>

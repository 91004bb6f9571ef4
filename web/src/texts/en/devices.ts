import type zh from '../zh/devices'

export default {
  devices_lead:
    "These devices are signed in to your account. If you don't recognize one, sign it out and change your password.",
  devices_this: 'This device',
  devices_browser: 'Unknown browser',
  devices_system: 'unknown system',
  devices_network: 'Network {network}',
  devices_seen: 'Last used: {when}',
  devices_signed_in: 'Signed in {when}',
  devices_now: 'just now',
  devices_out: 'Sign out this device',
  devices_out_busy: 'Signing out…',
  devices_out_of: 'Sign out this device: {device}',
  devices_out_others: 'Sign out all other devices',
  devices_out_other_lead: 'This signs out your {n} other device.',
  devices_out_others_lead: 'This signs out your {n} other devices.',
  devices_out_done: '{device} has been signed out.',
  devices_out_others_done: 'All other devices have been signed out.',
  devices_only: 'Only this device is signed in to your account.',
} satisfies Record<keyof typeof zh, string>

import type zh from '../zh/addresses'

export default {
  address_count: '{n} / {limit}',
  address_count_label: '{n} of up to {limit} addresses',
  address_add: 'Add address',
  address_full: 'Your address book is full ({limit}). Please delete an address you no longer need first.',
  address_none: 'No addresses yet',
  address_none_lead:
    "Save an address so you don't have to type it for every order. The first one becomes your default.",
  address_default: 'Default',
  address_edit: 'Edit',
  address_delete: 'Delete',
  address_make_default: 'Set as default',
  address_of: '{action}: {receiver}, {address}',
  address_postcode_of: 'Postcode {postcode}',
  address_added: 'Address saved.',
  address_deleted: 'Address deleted.',
  address_undo: 'Undo',
  address_restored: 'Address restored.',
  address_default_set: 'Default address updated.',
  address_not_found: 'This address no longer exists. It may have been deleted on another device.',
  address_not_found_kept:
    'This address no longer exists. It may have been deleted on another device. You can still save what you entered as a new address.',
  address_archived: 'Archived addresses',
  address_archived_lead:
    'When the account was recovered, we archived the addresses from before. Restore the ones that are yours.',
  address_restore: 'Restore',
  address_restoring: 'Restoring…',
  address_extension: '{number} ext. {extension}',
  address_tag_home: 'Home',
  address_tag_work: 'Work',
  address_tag_school: 'School',
} satisfies Record<keyof typeof zh, string>

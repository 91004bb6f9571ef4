/** What was typed into the form of an address when the session ended: kept in this tab until the customer is back. */
import { onBeforeUnmount } from 'vue'
import { hasExpired, me } from '@/session'
import * as tabStorage from '@/tabStorage'
import type { Fields } from './fields'

interface Draft {
  owner: string
  /** The edited address; null for a new one. */
  id: number | null
  fields: Fields
}
const NAME = 'menpai_address_draft'

/** Keeps what `read` returns when the session ends while the form is open. */
export function keepDraft(read: () => Omit<Draft, 'owner'> | null): void {
  const owner = me.value!.id
  onBeforeUnmount(() => {
    const draft = hasExpired.value ? read() : null
    if (draft) tabStorage.write(NAME, JSON.stringify({ owner, ...draft }))
  })
}

/** The draft of this customer, once. */
export function takeDraft(): Draft | null {
  const stored = tabStorage.read(NAME)
  tabStorage.remove(NAME)
  if (!stored) return null
  const draft = JSON.parse(stored) as Draft
  return draft.owner === me.value?.id ? draft : null
}

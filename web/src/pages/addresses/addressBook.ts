import { computed, reactive, shallowRef } from 'vue'
import { type Address, type AddressIn, api, type Book, call, type Place, Problem } from '@/api/client'
import { t } from '@/i18n'
import { notify } from '@/notices'
import { withRegion } from './parse'

/** The address book of the page. Every change responds with the whole book, which is then shown. */
export function useAddressBook() {
  const book = shallowRef<Book>({ addresses: [], limit: 0, changed: null })
  const archived = shallowRef<Address[]>([])
  const deletedIds = reactive(new Set<number>()) // the server has not responded yet
  const addresses = computed(() => book.value.addresses.filter(({ id }) => !deletedIds.has(id)))
  const isFull = computed(() => book.value.limit > 0 && addresses.value.length >= book.value.limit)

  // One at a time, so that the last response is the newest book.
  let previous: Promise<unknown> = Promise.resolve()
  function inTurn(send: () => Promise<Book>): Promise<number | null> {
    const turn = previous.then(send).then((response) => {
      book.value = response
      return response.changed
    })
    previous = turn.catch(() => {})
    return turn
  }

  const reload = () => inTurn(() => call(api.GET('/api/me/addresses')))

  async function load(): Promise<void> {
    const list = call(api.GET('/api/me/addresses/set-aside'))
    await Promise.all([reload(), list.then((response) => (archived.value = response.addresses))])
  }

  /** False when the change failed, which is shown as a notice: these changes have no form. */
  async function attempt(send: () => Promise<Book>): Promise<boolean> {
    try {
      await inTurn(send)
      return true
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      if (error.code === 'address_unknown') await reportMissing()
      else notify(error.detail, { tone: 'danger' })
      return false
    }
  }

  /** Another tab or device has deleted the address. */
  async function reportMissing(): Promise<void> {
    notify(t('address_not_found'), { tone: 'info' })
    await reload().catch(() => {})
  }

  const add = (body: AddressIn, key: string) =>
    inTurn(() => call(api.POST('/api/me/addresses', { body, params: { header: { 'Idempotency-Key': key } } })))

  const edit = (address_id: number, body: AddressIn) =>
    inTurn(() => call(api.PUT('/api/me/addresses/{address_id}', { body, params: { path: { address_id } } })))

  async function remove(address_id: number): Promise<boolean> {
    deletedIds.add(address_id)
    const path = { address_id }
    const isDone = await attempt(() => call(api.DELETE('/api/me/addresses/{address_id}', { params: { path } })))
    deletedIds.delete(address_id)
    return isDone
  }

  async function restore(address_id: number, is_default: boolean): Promise<boolean> {
    const request = { body: { is_default }, params: { path: { address_id } } }
    const isDone = await attempt(() => call(api.POST('/api/me/addresses/{address_id}/restore', request)))
    if (isDone) archived.value = archived.value.filter(({ id }) => id !== address_id)
    return isDone
  }

  /** Takes the region of today; null where the customer has to split the text first. */
  async function takePlace(address: Address, place: Place): Promise<boolean | null> {
    const path = { address_id: address.id }
    let isSplit = true
    const isDone = await attempt(async () => {
      const body = await withRegion(address, place)
      isSplit = Boolean(body)
      return body ? call(api.PUT('/api/me/addresses/{address_id}', { body, params: { path } })) : book.value
    })
    return isSplit ? isDone : null
  }

  const makeDefault = (id: number) =>
    attempt(() => call(api.PUT('/api/me/addresses/default', { body: { id } })))

  return { book, archived, addresses, isFull, load, reload, add, edit, remove, restore, takePlace, makeDefault }
}

import { computed, reactive, shallowRef } from 'vue'
import { type Address, type AddressIn, api, type Book, call, Problem } from '@/api/client'
import { t } from '@/i18n'
import { notify } from '@/notices'

/** The address book on the page. Every change is answered with the whole book, and that is what is shown. */
export function useBook() {
  const book = shallowRef<Book>({ addresses: [], limit: 0, changed: null })
  const aside = shallowRef<Address[]>([])
  const leaving = reactive(new Set<number>()) // deleted here; the server has not answered yet
  const shown = computed(() => book.value.addresses.filter(({ id }) => !leaving.has(id)))
  const full = computed(() => book.value.limit > 0 && shown.value.length >= book.value.limit)

  // One after the other, so that the last answer is the newest book.
  let last: Promise<unknown> = Promise.resolve()
  function inTurn(ask: () => Promise<Book>): Promise<number | null> {
    const turn = last.then(ask).then((answer) => {
      book.value = answer
      return answer.changed
    })
    last = turn.catch(() => {})
    return turn
  }

  const reload = () => inTurn(() => call(api.GET('/api/me/addresses')))

  async function load(): Promise<void> {
    const putAside = call(api.GET('/api/me/addresses/set-aside'))
    await Promise.all([reload(), putAside.then(({ addresses }) => (aside.value = addresses))])
  }

  /** For what has no form: a failure is a notice. False when it did not go through. */
  async function attempt(ask: () => Promise<Book>): Promise<boolean> {
    try {
      await inTurn(ask)
      return true
    } catch (no) {
      if (!(no instanceof Problem)) throw no
      if (no.code === 'address_unknown') await gone()
      else notify(no.detail, { tone: 'danger' })
      return false
    }
  }

  /** Another tab or device was faster. */
  async function gone(): Promise<void> {
    notify(t('address_gone'), { tone: 'info' })
    await reload().catch(() => {})
  }

  const add = (body: AddressIn, key: string) =>
    inTurn(() => call(api.POST('/api/me/addresses', { body, params: { header: { 'Idempotency-Key': key } } })))

  const edit = (address_id: number, body: AddressIn) =>
    inTurn(() => call(api.PUT('/api/me/addresses/{address_id}', { body, params: { path: { address_id } } })))

  async function remove(address_id: number): Promise<boolean> {
    leaving.add(address_id)
    const path = { address_id }
    const done = await attempt(() => call(api.DELETE('/api/me/addresses/{address_id}', { params: { path } })))
    leaving.delete(address_id)
    return done
  }

  async function restore(address_id: number, is_default: boolean): Promise<boolean> {
    const ask = { body: { is_default }, params: { path: { address_id } } }
    const done = await attempt(() => call(api.POST('/api/me/addresses/{address_id}/restore', ask)))
    if (done) aside.value = aside.value.filter(({ id }) => id !== address_id)
    return done
  }

  const makeDefault = (id: number) =>
    attempt(() => call(api.PUT('/api/me/addresses/default', { body: { id } })))

  return { book, aside, shown, full, load, reload, add, edit, remove, restore, makeDefault }
}

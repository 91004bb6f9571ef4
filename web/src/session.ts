import { ref, shallowRef, watch } from 'vue'
import { api, call, type Me, onSessionExpired } from './api/client'
import { boot } from './boot'
import { language } from './i18n'

/** `expired`: the server ended it; `signed-out`: the customer did; `signed-in`: in another tab. */
export type SessionChange = 'expired' | 'signed-out' | 'signed-in'

const REFRESH_AT_MOST_EVERY_MS = 30_000
const tabs = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('menpai')
let refreshedAt = Date.now()
let reportChange: (change: SessionChange) => void = () => {}

/** The signed-in customer. */
export const me = shallowRef<Me | null>(boot.me)

/** True when the server ended the session, until somebody signs in. */
export const hasExpired = ref(false)

/** `handler` runs when a session begins or ends outside the forms. */
export function onSessionChange(handler: (change: SessionChange) => void): void {
  reportChange = handler
}

/** Stores the signed-in customer, null after a sign-out by the page itself. Other tabs are notified. */
export function setMe(customer: Me | null): void {
  const previousId = me.value?.id
  me.value = customer
  hasExpired.value = false
  if (previousId !== customer?.id) tabs?.postMessage('changed')
}

function expireSession(): void {
  if (!me.value) return
  me.value = null
  hasExpired.value = true
  reportChange('expired')
}

export async function signOut(): Promise<void> {
  await call(api.DELETE('/api/sessions/current'))
  setMe(null)
  reportChange('signed-out')
}

/** Asks the server who is signed in. */
export async function refreshSession(): Promise<void> {
  refreshedAt = Date.now()
  const previousId = me.value?.id
  const customer = await call(api.GET('/api/me')).catch(() => null)
  if (!customer) return
  // The page may show another customer's data.
  if (previousId && previousId !== customer.id) return location.reload()
  me.value = customer
  if (!previousId) reportChange('signed-in')
}

/** Keeps the session of this page in step with the server, other tabs and the language. */
export function watchSession(): void {
  onSessionExpired(expireSession)
  tabs?.addEventListener('message', () => void refreshSession())
  const refreshIfOld = () => {
    const isOld = Date.now() - refreshedAt > REFRESH_AT_MOST_EVERY_MS
    if (me.value && !document.hidden && isOld) void refreshSession()
  }
  document.addEventListener('visibilitychange', refreshIfOld)
  window.addEventListener('focus', refreshIfOld)
  // Mails follow the language of the pages; a failure here is not reported.
  watch(language, (chosen) => {
    if (me.value && me.value.language !== chosen)
      call(api.PATCH('/api/me', { body: { language: chosen } })).then(setMe, () => {})
  })
}

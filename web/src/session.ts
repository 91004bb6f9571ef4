import { shallowRef, watch } from 'vue'
import { api, call, type Me, whenExpired } from './api/client'
import { boot } from './boot'
import { language } from './i18n'

/** `expired`: the server ended it; `asked`: the customer did; `arrived`: signed in, in another tab. */
export type Turn = 'expired' | 'asked' | 'arrived'

const AT_MOST_EVERY_MS = 30_000
const tabs = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('menpai')
let asked = Date.now()
let turned: (how: Turn) => void = () => {}

/** Who is signed in. */
export const me = shallowRef<Me | null>(boot.me)

/** What the pages do when somebody comes or goes (the router knows). */
export function whenTurned(run: (how: Turn) => void): void {
  turned = run
}

/** Somebody has signed in, changed their data, or (null) was signed out by the page itself. Other tabs hear it. */
export function setMe(next: Me | null): void {
  const before = me.value?.id
  me.value = next
  if (before !== next?.id) tabs?.postMessage('changed')
}

/** The session has ended by itself: pages that need one lead to sign-in and back. */
export function signedOut(): void {
  if (!me.value) return
  me.value = null
  turned('expired')
}

export async function signOut(): Promise<void> {
  await call(api.DELETE('/api/sessions/current'))
  setMe(null)
  turned('asked')
}

/** Asks the server again who is signed in. */
export async function refresh(): Promise<void> {
  asked = Date.now()
  const before = me.value?.id
  const now = await call(api.GET('/api/me')).catch(() => null)
  if (!now) return
  // Another customer's data may stand on this page.
  if (before && before !== now.id) return location.reload()
  me.value = now
  if (!before) turned('arrived')
}

export function watchTabs(): void {
  whenExpired(signedOut)
  tabs?.addEventListener('message', () => void refresh())
  const seen = () => {
    if (me.value && !document.hidden && Date.now() - asked > AT_MOST_EVERY_MS) void refresh()
  }
  document.addEventListener('visibilitychange', seen)
  window.addEventListener('focus', seen)
  // Mails follow the language of the pages; a failure here is not worth a word.
  watch(language, (wanted) => {
    if (me.value && me.value.language !== wanted)
      call(api.PATCH('/api/me', { body: { language: wanted } })).then(setMe, () => {})
  })
}

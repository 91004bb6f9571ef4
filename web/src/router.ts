import { nextTick, ref, watchEffect } from 'vue'
import {
  createRouter,
  createWebHistory,
  type LocationQuery,
  type LocationQueryValue,
  type RouteLocationRaw,
} from 'vue-router'
import { boot } from './boot'
import { t } from './i18n'
import { notify } from './notices'
import { me, whenTurned } from './session'

type Asked = LocationQueryValue | LocationQueryValue[] | undefined

export const router = createRouter({
  history: createWebHistory(),
  routes: [], // main.ts adds them: the pages import this module
  scrollBehavior(to, from, saved) {
    if (saved) return saved
    if (to.hash) return { el: to.hash }
    return to.path === from.path ? undefined : { top: 0 }
  },
})

/** A path of this origin out of `?next=`, or null for everything that could lead elsewhere. */
export function safePath(raw: Asked): string | null {
  const asked = Array.isArray(raw) ? raw[0] : raw
  if (!asked || !/^\/(?![/\\])/.test(asked)) return null
  // Browsers drop tabs and line breaks and turn `\` round, so the address is judged as they read it.
  const url = new URL(asked, location.origin)
  const stays = url.origin === location.origin && !url.pathname.startsWith('//')
  return stays ? url.pathname + url.search + url.hash : null
}

/** Where somebody who has just signed in goes on. */
export async function goOn(raw: Asked): Promise<void> {
  const next = router.resolve(safePath(raw) ?? '/account')
  // The shop may live at other paths of the same origin.
  if (next.name === 'not-found') location.assign(next.fullPath)
  else await router.replace(next.meta.guest ? '/account' : next.fullPath)
}

/** The next page takes so long that somebody may wonder. */
export const moving = ref(false)
const WONDER_MS = 300
let wondering = 0

function arrived(): void {
  clearTimeout(wondering)
  moving.value = false
}

let first = true
router.beforeEach((to): RouteLocationRaw | boolean => {
  arrived()
  wondering = window.setTimeout(() => (moving.value = true), WONDER_MS)
  const opened = first
  first = false
  if (opened && boot.status === 404 && to.name !== 'not-found')
    return { name: 'not-found', params: { path: to.path.slice(1).split('/') }, query: to.query, hash: to.hash }
  if (to.meta.signIn && !me.value) return { name: 'login', query: { next: to.fullPath } }
  if (to.meta.guest && me.value) {
    const next = router.resolve(safePath(to.query.next) ?? '/account')
    return next.meta.guest || next.name === 'not-found' ? { name: 'account' } : next.fullPath
  }
  return true
})

router.afterEach(async (to, from, failure) => {
  arrived()
  if (failure) return
  // What somebody typed goes along to the next form.
  if ('name' in to.query) hide(to.query, ['name'])
  if (from.name === undefined || to.path === from.path) return
  await nextTick()
  // For those who listen to the page: its title is where they are now.
  const place = document.querySelector<HTMLElement>('main h1') ?? document.getElementById('main')
  if (!place || place.contains(document.activeElement)) return
  place.tabIndex = -1
  place.focus({ preventScroll: true })
})

/** Out of the address: what should be neither in the history nor, on a reload, go to the server once more. */
export function hide(query: LocationQuery, names: string[]): void {
  const rest = Object.fromEntries(Object.entries(query).filter(([name]) => !names.includes(name)))
  const address = router.resolve({ path: location.pathname, query: rest, hash: location.hash }).href
  history.replaceState({ ...history.state, current: address }, '', address)
}

// The files of a release before this one are no longer there: load the page anew, from the server; but only once.
router.onError((_error, to, from) => {
  arrived()
  const again = () => location.assign(to.fullPath)
  if (navigator.onLine && from.matched.length) again()
  else notify(t('page_failed'), { tone: 'danger', action: { label: t('try_again'), run: again } })
})

watchEffect(() => {
  const title = router.currentRoute.value.meta.title
  if (title) document.title = `${t(title)} · ${boot.brand.name}`
})

whenTurned((how) => {
  const here = router.currentRoute.value
  if (how === 'asked') void router.push({ name: 'home' })
  else if (how === 'expired' && here.meta.signIn)
    void router.push({ name: 'login', query: { next: here.fullPath }, state: { expired: true } })
  else if (how === 'arrived' && here.meta.guest) void goOn(here.query.next)
})

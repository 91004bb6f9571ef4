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
import { me, onSessionChange } from './session'

type QueryValue = LocationQueryValue | LocationQueryValue[] | undefined

export const router = createRouter({
  history: createWebHistory(),
  routes: [], // main.ts adds them: the pages import this module
  scrollBehavior(to, from, savedPosition) {
    if (savedPosition) return savedPosition
    if (to.hash) return { el: to.hash }
    return to.path === from.path ? undefined : { top: 0 }
  },
})

/** The path of this origin in `?next=`; null for everything that could lead elsewhere. */
export function safePath(raw: QueryValue): string | null {
  const path = Array.isArray(raw) ? raw[0] : raw
  if (!path || !/^\/(?![/\\])/.test(path)) return null
  // Browsers drop tabs and line breaks and turn `\` round, so the URL is checked as they read it.
  const url = new URL(path, location.origin)
  const isSafe = url.origin === location.origin && !url.pathname.startsWith('//')
  return isSafe ? url.pathname + url.search + url.hash : null
}

/** Leaves a sign-in page for `?next=`, or for the account. */
export async function continueTo(raw: QueryValue): Promise<void> {
  const next = router.resolve(safePath(raw) ?? '/account')
  // The shop may live at other paths of the same origin.
  if (next.name === 'not-found') location.assign(next.fullPath)
  else await router.replace(next.meta.guest ? '/account' : next.fullPath)
}

/** True while the next page takes long to load. */
export const isLoading = ref(false)
const INDICATOR_DELAY_MS = 300
let indicatorTimer = 0

function hideIndicator(): void {
  clearTimeout(indicatorTimer)
  isLoading.value = false
}

let isFirst = true
router.beforeEach((to): RouteLocationRaw | boolean => {
  hideIndicator()
  indicatorTimer = window.setTimeout(() => (isLoading.value = true), INDICATOR_DELAY_MS)
  const isEntry = isFirst
  isFirst = false
  if (isEntry && boot.status === 404 && to.name !== 'not-found')
    return { name: 'not-found', params: { path: to.path.slice(1).split('/') }, query: to.query, hash: to.hash }
  if (to.meta.signIn && !me.value) return { name: 'login', query: { next: to.fullPath } }
  if (to.meta.guest && me.value) {
    const next = router.resolve(safePath(to.query.next) ?? '/account')
    return next.meta.guest || next.name === 'not-found' ? { name: 'account' } : next.fullPath
  }
  return true
})

router.afterEach(async (to, from, failure) => {
  hideIndicator()
  if (failure) return
  // The name that was typed is handed to the next form.
  if ('name' in to.query) removeFromQuery(to.query, ['name'])
  if (from.name === undefined || to.path === from.path) return
  await nextTick()
  focusHeading()
})

/** Screen readers announce the title of the new page. */
function focusHeading(): void {
  const heading = document.querySelector<HTMLElement>('main h1') ?? document.getElementById('main')
  if (!heading || heading.contains(document.activeElement)) return
  heading.tabIndex = -1
  heading.focus({ preventScroll: true })
}

/** Takes parameters out of the URL that belong neither in the history nor, on a reload, to the server. */
export function removeFromQuery(query: LocationQuery, names: string[]): void {
  const rest = Object.fromEntries(Object.entries(query).filter(([name]) => !names.includes(name)))
  const url = router.resolve({ path: location.pathname, query: rest, hash: location.hash }).href
  history.replaceState({ ...history.state, current: url }, '', url)
}

// The files of an older release are gone: the page is loaded from the server, but only once.
router.onError((_error, to, from) => {
  hideIndicator()
  const reload = () => location.assign(to.fullPath)
  if (navigator.onLine && from.matched.length) reload()
  else notify(t('page_failed'), { tone: 'danger', action: { label: t('try_again'), run: reload } })
})

watchEffect(() => {
  const title = router.currentRoute.value.meta.title
  if (title) document.title = `${t(title)} · ${boot.brand.name}`
})

onSessionChange((change) => {
  const route = router.currentRoute.value
  if (change === 'signed-out') void router.push({ name: 'home' })
  else if (change === 'expired' && route.meta.signIn)
    void router.push({ name: 'login', query: { next: route.fullPath }, state: { expired: true } })
  else if (change === 'signed-in' && route.meta.guest) void continueTo(route.query.next)
})

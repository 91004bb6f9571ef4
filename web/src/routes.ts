import type { RouteRecordRaw } from 'vue-router'
import { type Key, loadPart } from './i18n'

declare module 'vue-router' {
  interface RouteMeta {
    title: Key
    /** Only for customers who are signed in. */
    signIn?: true
    /** Only for those who are not. */
    guest?: true
  }
}

type Loader = () => Promise<unknown>

const open = (path: string, name: string, title: Key, component: Loader): RouteRecordRaw =>
  ({ path, name, component, meta: { title } }) as RouteRecordRaw

const guest = (path: string, name: string, title: Key, component: Loader): RouteRecordRaw =>
  ({ path, name, component, meta: { title, guest: true } }) as RouteRecordRaw

const account = (path: string, name: string, title: Key, page: Loader): RouteRecordRaw =>
  ({ path, name, component: withTexts('inside', page), meta: { title, signIn: true } }) as RouteRecordRaw

/** Loads a page and its part of the texts side by side. */
function withTexts(part: 'inside' | 'social', page: Loader): Loader {
  return () => Promise.all([page(), loadPart(part)]).then(([loaded]) => loaded)
}

export const routes: RouteRecordRaw[] = [
  open('/', 'home', 'title_home', () => import('./pages/HomePage.vue')),
  guest('/register', 'register', 'title_register', () => import('./pages/RegisterPage.vue')),
  guest('/login', 'login', 'title_login', () => import('./pages/LoginPage.vue')),
  open('/recover', 'recover', 'title_recover', () => import('./pages/RecoverPage.vue')),
  open('/activate', 'activate', 'title_activate', () => import('./pages/ActivatePage.vue')),
  open(
    '/social/:provider(weibo|wechat|qq|alipay)/callback',
    'social-callback',
    'title_callback',
    withTexts('social', () => import('./pages/SocialCallbackPage.vue')),
  ),
  guest('/social/bind', 'social-bind', 'title_bind', withTexts('social', () => import('./pages/SocialBindPage.vue'))),
  account('/account', 'account', 'title_account', () => import('./pages/AccountPage.vue')),
  account('/account/addresses', 'addresses', 'title_addresses', () => import('./pages/AddressesPage.vue')),
  account('/account/security', 'security', 'title_security', () => import('./pages/SecurityPage.vue')),
  account('/account/devices', 'devices', 'title_devices', () => import('./pages/DevicesPage.vue')),
  account('/account/activity', 'activity', 'title_activity', () => import('./pages/ActivityPage.vue')),
  open('/terms', 'terms', 'title_terms', () => import('./pages/TermsPage.vue')),
  open('/privacy', 'privacy', 'title_privacy', () => import('./pages/PrivacyPage.vue')),
  open('/:path(.*)*', 'not-found', 'title_not_found', () => import('./pages/NotFoundPage.vue')),
]

import type { RouteRecordRaw } from 'vue-router'
import { type Key, loadAlso } from './i18n'

declare module 'vue-router' {
  interface RouteMeta {
    title: Key
    /** Only for somebody who is signed in. */
    signIn?: true
    /** Only for somebody who is not. */
    guest?: true
  }
}

type Loader = () => Promise<unknown>

const open = (path: string, name: string, title: Key, page: Loader): RouteRecordRaw =>
  ({ path, name, component: page, meta: { title } }) as RouteRecordRaw

const guest = (path: string, name: string, title: Key, page: Loader): RouteRecordRaw =>
  ({ path, name, component: page, meta: { title, guest: true } }) as RouteRecordRaw

/** A page of the account and its texts come side by side. */
const inside = (path: string, name: string, title: Key, page: Loader): RouteRecordRaw => {
  const component = () => Promise.all([page(), loadAlso('inside')]).then(([loaded]) => loaded)
  return { path, name, component, meta: { title, signIn: true } } as RouteRecordRaw
}

/** Back from another account: these pages have texts of their own. */
const social = (page: Loader): Loader => () => Promise.all([page(), loadAlso('social')]).then(([loaded]) => loaded)

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
    social(() => import('./pages/SocialCallbackPage.vue')),
  ),
  guest('/social/bind', 'social-bind', 'title_bind', social(() => import('./pages/SocialBindPage.vue'))),
  inside('/account', 'account', 'title_account', () => import('./pages/AccountPage.vue')),
  inside('/account/addresses', 'addresses', 'title_addresses', () => import('./pages/AddressesPage.vue')),
  inside('/account/security', 'security', 'title_security', () => import('./pages/SecurityPage.vue')),
  inside('/account/devices', 'devices', 'title_devices', () => import('./pages/DevicesPage.vue')),
  inside('/account/activity', 'activity', 'title_activity', () => import('./pages/ActivityPage.vue')),
  open('/terms', 'terms', 'title_terms', () => import('./pages/TermsPage.vue')),
  open('/privacy', 'privacy', 'title_privacy', () => import('./pages/PrivacyPage.vue')),
  open('/:path(.*)*', 'not-found', 'title_not_found', () => import('./pages/NotFoundPage.vue')),
]

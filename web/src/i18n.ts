import { ref, shallowRef } from 'vue'
import { boot, type Boot } from './boot'
import { keep } from './cookies'
import type zh from './texts/zh'
import type zhCaptcha from './texts/zh/captcha'
import type zhInside from './texts/zh/inside'
import type zhSocial from './texts/zh/social'

export type Key = keyof typeof zh | keyof typeof zhInside | keyof typeof zhCaptcha | keyof typeof zhSocial
export type Language = Boot['language']
type Part = 'public' | 'inside' | 'captcha' | 'social'
type Texts = Partial<Record<Key, string>>

const LOADERS: Record<Language, Record<Part, () => Promise<{ default: Texts }>>> = {
  'zh-CN': {
    public: () => import('./texts/zh'),
    inside: () => import('./texts/zh/inside'),
    captcha: () => import('./texts/zh/captcha'),
    social: () => import('./texts/zh/social'),
  },
  en: {
    public: () => import('./texts/en'),
    inside: () => import('./texts/en/inside'),
    captcha: () => import('./texts/en/captcha'),
    social: () => import('./texts/en/social'),
  },
}
// Every text may name them.
const STANDING: Record<string, string | number> = { brand: boot.brand.name, ...boot.rules }

export const language = ref<Language>(boot.language)
const texts = shallowRef<Texts>({})
const arrived: Record<Language, Texts> = { 'zh-CN': {}, en: {} } // parts come in any order, and none takes another away
let asked: Language = boot.language
const needed = new Set<Part>(['public'])

/** The text in the language of the page; `{name}` is replaced by `values.name`. */
export function t(key: Key, values: Record<string, string | number> = {}): string {
  const text = texts.value[key] ?? key
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? STANDING[name] ?? whole))
}

export async function loadTexts(wanted: Language): Promise<void> {
  asked = wanted
  const loaders = LOADERS[wanted]
  const parts = await Promise.all([...needed].map((part) => loaders[part]())).catch((no) => {
    if (asked === wanted) asked = language.value
    throw no
  })
  Object.assign(arrived[wanted], ...parts.map((part) => part.default))
  if (asked !== wanted) return // chosen anew meanwhile
  texts.value = { ...arrived[wanted] }
  language.value = wanted
  document.documentElement.lang = wanted
}

/** Another part of the texts as well, from now on: `inside` is for the account's pages. */
export async function loadAlso(part: Part): Promise<void> {
  if (needed.has(part)) return
  await LOADERS[asked][part]()
  needed.add(part)
  await loadTexts(asked)
}

/** The customer's choice: the page follows at once, without a reload. */
export async function setLanguage(wanted: Language): Promise<void> {
  await loadTexts(wanted)
  keep('menpai_language', wanted)
}

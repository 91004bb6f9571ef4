import { ref, shallowRef } from 'vue'
import { boot, type Boot } from './boot'
import { savePreference } from './preferences'
import type zh from './texts/zh'
import type zhAddressForm from './texts/zh/addressForm'
import type zhCaptcha from './texts/zh/captcha'
import type zhInside from './texts/zh/inside'
import type zhSocial from './texts/zh/social'

export type Key = keyof typeof zh | keyof typeof zhInside | keyof typeof zhAddressForm | keyof typeof zhCaptcha | keyof typeof zhSocial
export type Language = Boot['language']
type Part = 'public' | 'inside' | 'addressForm' | 'captcha' | 'social'
type Texts = Partial<Record<Key, string>>

const LOADERS: Record<Language, Record<Part, () => Promise<{ default: Texts }>>> = {
  'zh-CN': {
    public: () => import('./texts/zh'),
    inside: () => import('./texts/zh/inside'),
    addressForm: () => import('./texts/zh/addressForm'),
    captcha: () => import('./texts/zh/captcha'),
    social: () => import('./texts/zh/social'),
  },
  en: {
    public: () => import('./texts/en'),
    inside: () => import('./texts/en/inside'),
    addressForm: () => import('./texts/en/addressForm'),
    captcha: () => import('./texts/en/captcha'),
    social: () => import('./texts/en/social'),
  },
}
// Every text may use them.
const COMMON_VALUES: Record<string, string | number> = { brand: boot.brand.name, ...boot.rules }

export const language = ref<Language>(boot.language)
const texts = shallowRef<Texts>({})
const loaded: Record<Language, Texts> = { 'zh-CN': {}, en: {} } // parts arrive in any order and are merged
let chosen: Language = boot.language
const neededParts = new Set<Part>(['public'])

/** The text in the language of the page; `{name}` is replaced by `values.name`. */
export function t(key: Key, values: Record<string, string | number> = {}): string {
  const text = texts.value[key] ?? key
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? COMMON_VALUES[name] ?? whole))
}

export async function loadTexts(wanted: Language): Promise<void> {
  chosen = wanted
  const loaders = LOADERS[wanted]
  const parts = await Promise.all([...neededParts].map((part) => loaders[part]())).catch((error) => {
    if (chosen === wanted) chosen = language.value
    throw error
  })
  Object.assign(loaded[wanted], ...parts.map((part) => part.default))
  if (chosen !== wanted) return // another language was chosen meanwhile
  texts.value = { ...loaded[wanted] }
  language.value = wanted
  document.documentElement.lang = wanted
}

/** Loads a further part of the texts, now and in every language chosen later. */
export async function loadPart(part: Part): Promise<void> {
  if (neededParts.has(part)) return
  await LOADERS[chosen][part]()
  neededParts.add(part)
  await loadTexts(chosen)
}

/** Changes the language without a reload and remembers it. */
export async function setLanguage(wanted: Language): Promise<void> {
  await loadTexts(wanted)
  savePreference('menpai_language', wanted)
}

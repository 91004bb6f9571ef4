import { ref, shallowRef } from 'vue'
import { boot, type Boot } from './boot'
import { keep } from './cookies'
import type zh from './texts/zh'
import type zhInside from './texts/zh/inside'

export type Key = keyof typeof zh | keyof typeof zhInside
export type Language = Boot['language']
type Texts = Partial<Record<Key, string>>

const LOADERS: Record<Language, Record<'public' | 'inside', () => Promise<{ default: Texts }>>> = {
  'zh-CN': { public: () => import('./texts/zh'), inside: () => import('./texts/zh/inside') },
  en: { public: () => import('./texts/en'), inside: () => import('./texts/en/inside') },
}
// Every text may name them.
const STANDING: Record<string, string | number> = { brand: boot.brand.name, ...boot.rules }

export const language = ref<Language>(boot.language)
const texts = shallowRef<Texts>({})
const arrived: Record<Language, Texts> = { 'zh-CN': {}, en: {} } // parts come in any order, and none takes another away
let asked: Language = boot.language
let inside = false

/** The text in the language of the page; `{name}` is replaced by `values.name`. */
export function t(key: Key, values: Record<string, string | number> = {}): string {
  const text = texts.value[key] ?? key
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? STANDING[name] ?? whole))
}

export async function loadTexts(wanted: Language): Promise<void> {
  asked = wanted
  const loaders = LOADERS[wanted]
  const parts = await Promise.all([loaders.public(), inside ? loaders.inside() : { default: {} }]).catch((no) => {
    if (asked === wanted) asked = language.value
    throw no
  })
  Object.assign(arrived[wanted], ...parts.map((part) => part.default))
  if (asked !== wanted) return // chosen anew meanwhile
  texts.value = { ...arrived[wanted] }
  language.value = wanted
  document.documentElement.lang = wanted
}

/** The texts of the account's pages as well, from now on. */
export async function loadInside(): Promise<void> {
  if (inside) return
  await LOADERS[asked].inside()
  inside = true
  await loadTexts(asked)
}

/** The customer's choice: the page follows at once, without a reload. */
export async function setLanguage(wanted: Language): Promise<void> {
  await loadTexts(wanted)
  keep('menpai_language', wanted)
}

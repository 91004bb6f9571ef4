import type { Key } from '@/i18n'

/** The labels that we offer, as they are stored; they are shown in the language of the page. */
export const TAGS = ['家', '公司', '学校']
const KEYS: Key[] = ['address_tag_home', 'address_tag_work', 'address_tag_school']

/** The text of a label that we offer; undefined for a custom one. */
export function tagKey(tag: string): Key | undefined {
  return KEYS[TAGS.indexOf(tag)]
}

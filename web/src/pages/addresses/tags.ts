import type { Key } from '@/i18n'

/** What is stored in the customer's book; shown in the language of the page. */
export const TAGS = ['家', '公司', '学校']
const KEYS: Key[] = ['address_tag_home', 'address_tag_work', 'address_tag_school']

/** The text of a tag that we offer; nothing for one of the customer's own. */
export function tagKey(tag: string): Key | undefined {
  return KEYS[TAGS.indexOf(tag)]
}

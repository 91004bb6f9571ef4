import { computed, ref, type Ref } from 'vue'
import type { Address } from '@/api/client'
import { t } from '@/i18n'
import { wholeNumber } from './fields'
import { tagKey } from './tags'

/** With so many addresses the book can be searched. */
const OFFERED_FROM = 8

const plain = (text: string) => text.normalize('NFKC').toLowerCase()
export const tagText = (tag: string) => (tagKey(tag) ? t(tagKey(tag)!) : tag)

/** The search and the label that are chosen, and the addresses that are left. */
export function useBookFilter(addresses: Ref<Address[]>) {
  const query = ref('')
  const tag = ref('')
  const isOffered = computed(() => addresses.value.length >= OFFERED_FROM)
  const tags = computed(() => [...new Set(addresses.value.map((address) => address.tag))])
  const words = computed(() => plain(query.value).split(/[\s,，]+/).filter(Boolean))

  const matches = (address: Address) => {
    const { receiver, address: text, postcode, tag: label } = address
    const haystack = plain([receiver, wholeNumber(address), text, postcode, label, tagText(label)].join('\n'))
    return (!tag.value || label === tag.value) && words.value.every((word) => haystack.includes(word))
  }
  const isFiltered = computed(() => isOffered.value && Boolean(words.value.length || tag.value))
  const shown = computed(() => (isFiltered.value ? addresses.value.filter(matches) : addresses.value))

  function clear(): void {
    query.value = ''
    tag.value = ''
  }
  return { query, tag, tags, isOffered, isFiltered, shown, clear }
}

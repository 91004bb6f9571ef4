/** The rules of the server for an address (menpai/addresses). */
import type { Key } from '@/i18n'
import { normalizeLine } from './fields'

const MAX_LENGTHS = { receiver: 40, tag: 10, address: 200 }
const MARKUP = /[<>]/
const length = (text: string) => [...text].length

export function validateReceiver(text: string): Key | null {
  if (!normalizeLine(text)) return 'address_receiver_missing'
  if (MARKUP.test(text)) return 'address_markup'
  return length(normalizeLine(text)) > MAX_LENGTHS.receiver ? 'address_receiver_long' : null
}

export function validateDetail(text: string, region: string): Key | null {
  if (!normalizeLine(text)) return 'address_detail_missing'
  if (MARKUP.test(text)) return 'address_markup'
  return length(region + normalizeLine(text)) > MAX_LENGTHS.address ? 'address_detail_long' : null
}

export function validatePostcode(text: string): Key | null {
  const postcode = text.normalize('NFKC').trim()
  return !postcode || (/^[0-9A-Za-z][0-9A-Za-z -]*$/.test(postcode) && postcode.length <= 7) ? null : 'address_postcode_wrong'
}

export function validateTag(text: string): Key | null {
  if (!normalizeLine(text)) return 'address_tag_missing'
  if (MARKUP.test(text)) return 'address_markup'
  return length(normalizeLine(text)) > MAX_LENGTHS.tag ? 'address_tag_long' : null
}

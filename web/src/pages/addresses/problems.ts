/** What the server asks of the fields of an address (menpai/address_book.py). */
import { isMainlandMobile } from '@/checks'
import type { Key } from '@/i18n'
import { line } from './fields'

const LONGEST = { receiver: 10, tag: 10, address: 100 }
const MARKUP = /[<>]/
const length = (text: string) => [...text].length

export function receiverProblem(text: string): Key | null {
  if (!line(text)) return 'address_receiver_missing'
  if (MARKUP.test(text)) return 'address_signs'
  return length(line(text)) > LONGEST.receiver ? 'address_receiver_long' : null
}

export function mobileProblem(text: string): Key | null {
  if (!text.trim()) return 'address_mobile_missing'
  return isMainlandMobile(text.trim()) ? null : 'mobile_wrong'
}

export function detailProblem(text: string, before: string): Key | null {
  if (!line(text)) return 'address_detail_missing'
  if (MARKUP.test(text)) return 'address_signs'
  return length(before + line(text)) > LONGEST.address ? 'address_detail_long' : null
}

export function postcodeProblem(text: string): Key | null {
  const typed = text.normalize('NFKC').trim()
  return !typed || (/^[0-9A-Za-z][0-9A-Za-z -]*$/.test(typed) && typed.length <= 7) ? null : 'address_postcode_wrong'
}

export function tagProblem(text: string): Key | null {
  if (!line(text)) return 'address_tag_missing'
  if (MARKUP.test(text)) return 'address_signs'
  return length(line(text)) > LONGEST.tag ? 'address_tag_long' : null
}

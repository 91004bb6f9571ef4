/** The rules of the server for the number of a receiver (menpai/identifiers/receiver_numbers.py), whose tests run this. */
import { SEPARATORS } from '../../characters.ts'
import { ABROAD, COUNTRY, LANDLINE, MOBILE, NO_AREA_CODE, TOLL_FREE } from './numberPatterns.ts'

export type Reason =
  | 'required'
  | 'number'
  | 'number_area_code'
  | 'number_digits'
  | 'number_region'

/** Returns why a number without noise is refused, or null. With `abroad` the server decides about other regions. */
export function findReason(text: string, abroad: boolean): Reason | null {
  const number = text.replace(SEPARATORS, '-').replace(/^-|-$/g, '')
  const digits = number.replaceAll('-', '')
  if (!digits) return 'required'
  const local = number.replace(COUNTRY, '')
  const dialled = local === number ? number : local.replace(/^0?-?/, '0')
  if (/^1[3-9][0-9]{9}$/.test(digits.replace(COUNTRY, ''))) return null
  if (MOBILE.test(local) || TOLL_FREE.test(local) || LANDLINE.test(dialled)) return null
  if (NO_AREA_CODE.test(local)) return 'number_area_code'
  if (/^1[3-9][-0-9]*$/.test(local)) return 'number_digits'
  if (!ABROAD.test(number)) return 'number'
  return abroad ? null : 'number_region'
}

/** The number at which a receiver is called, by the rules of the server (menpai/identifiers/receiver_numbers.py). */
import { boot } from '@/boot'
import { SEPARATORS } from '@/characters'
import { formatMobile } from '@/format'
import { type Key, t } from '@/i18n'
import { isMobile, removeNoise } from '@/validation'
import { COUNTRY, LANDLINE, MOBILE, NO_AREA_CODE, TOLL_FREE } from './numberPatterns'

export function validateNumber(typed: string): Key | null {
  const text = removeNoise(typed).replace(SEPARATORS, '-').replace(/^-|-$/g, '')
  if (!text) return 'address_mobile_missing'
  const local = text.replace(COUNTRY, '')
  const dialled = local === text ? text : local.replace(/^0?-?/, '0')
  if (isMobile(removeNoise(typed)) || TOLL_FREE.test(local) || LANDLINE.test(dialled)) return null
  if (MOBILE.test(local)) return 'address_number_extension'
  if (NO_AREA_CODE.test(local)) return 'address_number_area_code'
  if (/^1[3-9][-\d]*$/.test(local)) return 'address_number_digits'
  return local === text && /^\+\d/.test(text) && !boot.abroad ? 'address_number_region' : 'address_number_wrong'
}

/** `138 0013 8000`, `+852 9123 4567`, `400 800 1234`, `010-65551234 ext. 802`. */
export function formatNumber(stored: string): string {
  const [, number = stored, extension] = /^(0\d+-\d+|[48]00\d{7})-(\d+)$/.exec(stored) ?? []
  const text = formatMobile(number)
    .replace(/^(\+85[23])(\d{4})(\d{4})$/, '$1 $2 $3')
    .replace(/^([48]00)(\d{3})(\d{4})$/, '$1 $2 $3')
  return extension ? t('address_extension', { number: text, extension }) : text
}

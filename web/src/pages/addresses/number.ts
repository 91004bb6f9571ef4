/** The number at which a receiver is called. */
import { boot } from '@/boot'
import { formatMobile } from '@/format'
import { type Key, t } from '@/i18n'
import { removeNoise } from '@/validation'
import { findReason, type Reason } from './numberReason.ts'

const KEYS: Record<Reason, Key> = {
  required: 'address_mobile_missing',
  number: 'address_number_wrong',
  number_area_code: 'address_number_area_code',
  number_digits: 'address_number_digits',
  number_region: 'address_number_region',
}

export function validateNumber(typed: string): Key | null {
  const reason = findReason(removeNoise(typed), boot.abroad)
  return reason && KEYS[reason]
}

/** `138 0013 8000`, `+852 9123 4567`, `400 800 1234`, `010-65551234 ext. 802`. */
export function formatNumber(stored: string): string {
  const [, number = stored, extension] = /^(0\d+-\d+|\+?\d+)-(\d{1,6})$/.exec(stored) ?? []
  const text = formatMobile(number)
    .replace(/^(\+85[23])(\d{4})(\d{4})$/, '$1 $2 $3')
    .replace(/^([48]00)(\d{3})(\d{4})$/, '$1 $2 $3')
  return extension ? t('address_extension', { number: text, extension }) : text
}

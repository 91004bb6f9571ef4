import { ref } from 'vue'
import type { Address, AddressWarning, Place } from '@/api/client'
import { type Key, t } from '@/i18n'

/** What the form has said already. */
export type Told = AddressWarning['code'][]

/** Warnings whose text needs nothing of the address. */
const TEXTS: Partial<Record<AddressWarning['code'], Key>> = {
  region_unfinished: 'warning_region_unfinished',
  house_number_missing: 'warning_house_number',
  detail_repeats_region: 'warning_detail_repeats',
  number_masked: 'warning_number_masked',
  number_missing: 'warning_number_missing',
  postcode_elsewhere: 'warning_postcode',
  identity_number_dropped: 'warning_identity_number',
  abroad: 'warning_abroad',
}

/** 浙江省杭州市上城区 */
export const placeText = ({ path }: Place) => path.map(({ name }) => name).join('')

/** What is in doubt, and what to do. */
export function warningText({ code, was = '', now = [], since }: AddressWarning): string {
  const key = TEXTS[code]
  if (key) return t(key)
  const region = now[0]?.name ?? ''
  if (code === 'county_elsewhere') return t('warning_elsewhere', { was })
  if (code === 'region_open') return now.length ? t('warning_open', { was }) : t('warning_unknown', { was })
  if (!now.length) return t('warning_gone', { was })
  const isSame = region === was
  const year = since ?? ''
  if (now.length > 1) return t('warning_split', { was, year })
  return isSame ? t('warning_moved', { was, year, region: placeText(now[0]!) }) : t('warning_renamed', { was, year, region })
}

// ── Each is told once on a device: what was dismissed is kept here, by numbers alone. ──
const STORED = 'menpai_address_warnings'
const KEPT_AT_MOST = 500

function readDismissed(): string[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(STORED) ?? '[]')
    return Array.isArray(stored) ? stored.map(String) : []
  } catch {
    return []
  }
}

const dismissed = ref(readDismissed())

function keyOf(id: number, { code, now = [] }: AddressWarning): string {
  return [id, code, ...now.map((place) => place.code)].join('.')
}

export function openWarnings({ id, warnings }: Pick<Address, 'id' | 'warnings'>): AddressWarning[] {
  return warnings.filter((warning) => !dismissed.value.includes(keyOf(id, warning)))
}

export function dismissWarnings(id: number, warnings: AddressWarning[]): void {
  dismissed.value = [...new Set([...readDismissed(), ...warnings.map((warning) => keyOf(id, warning))])].slice(-KEPT_AT_MOST)
  try {
    localStorage.setItem(STORED, JSON.stringify(dismissed.value))
  } catch {
    return // told again after the next reload
  }
}

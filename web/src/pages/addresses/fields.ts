import type { Address, AddressIn } from '@/api/client'
import { normalMobile } from '@/checks'
import { plain } from '@/paste'
import { isCounty, type Region, type Regions } from '@/regions'
import { TAGS } from './tags'

/** A form of an address. The three levels are codes; `county` is the code of the city where none of the list fits. */
export type Fields = Record<
  'receiver' | 'mobile' | 'province' | 'city' | 'county' | 'detail' | 'postcode' | 'tag',
  string
>
export type Place = Pick<AddressIn, 'province' | 'city' | 'county' | 'region_code'>
export type Levels = Pick<Fields, 'province' | 'city' | 'county'>

const NONE: Levels = { province: '', city: '', county: '' }

/** One line, as the server stores it. */
export const line = (text: string) => plain(text).replace(/\s+/g, ' ')

export function fieldsOf(address: Partial<Address> | null): Fields {
  const { receiver = '', mobile = '', postcode = '', tag = TAGS[0]!, address: whole = '', detail } = address ?? {}
  return { receiver, mobile, ...NONE, detail: detail || whole, postcode, tag }
}

/** The three codes behind the code of a region. */
export function levelsOf(code: string, { down, under }: Regions): Levels {
  const [province, second, third] = down(code)
  if (!province) return NONE
  const city = second?.code ?? ''
  const stopsAtCity = city && !third && under(city).length > 0
  return { province: province.code, city, county: third?.code ?? (stopsAtCity ? city : '') }
}

/** Where an address lies, when its code or its names are known. */
export function codeOf({ region_code, province, city, county }: Address, regions: Regions): string {
  if (region_code && regions.down(region_code).length) return region_code
  return province ? (regions.locate(`${province}${city}${county}`)?.code ?? '') : ''
}

/** The code that the three levels come to. */
export function deepest({ province, city, county }: Levels): string {
  return county || city || province
}

export function toSend(fields: Fields, place: Place | null): AddressIn {
  const detail = line(fields.detail)
  const who = {
    receiver: line(fields.receiver),
    mobile: normalMobile(fields.mobile),
    postcode: fields.postcode.normalize('NFKC').trim(),
    tag: line(fields.tag),
  }
  return place ? { ...who, ...place, detail } : { ...who, address: detail }
}

export function placeOf(regions: Region[]): Place | null {
  const [province, ...below] = regions
  if (!province) return null
  const named = (county: boolean) => below.find(({ code }) => isCounty(code) === county)?.name ?? ''
  return { province: province.name, city: named(false), county: named(true), region_code: regions.at(-1)!.code }
}

import { normalizeText } from '@/addressParser'
import type { Address, AddressIn } from '@/api/client'
import { isCounty, type Region, type Regions } from '@/regions'
import { removeNoise } from '@/validation'
import { TAGS } from './tags'

/** The form of an address. The levels are region codes; `county` repeats the city's where no district fits. */
export type Fields = Record<
  'receiver' | 'mobile' | 'province' | 'city' | 'county' | 'detail' | 'postcode' | 'tag',
  string
>
export type RegionNames = Pick<AddressIn, 'province' | 'city' | 'county' | 'region_code'>
export type Levels = Pick<Fields, 'province' | 'city' | 'county'>

const NO_LEVELS: Levels = { province: '', city: '', county: '' }

/** One line, as the server stores it. */
export const normalizeLine = (text: string) => normalizeText(text).replace(/\s+/g, ' ')

/** The receiver's number with its extension, as one types it. */
export function wholeNumber(address: Partial<Address> | null): string {
  const { mobile = '', extension } = address ?? {}
  return extension ? `${mobile}-${extension}` : mobile
}

export function toFields(address: Partial<Address> | null): Fields {
  const { receiver = '', postcode = '', tag = TAGS[0]!, address: text = '', detail } = address ?? {}
  return { receiver, mobile: wholeNumber(address), ...NO_LEVELS, detail: detail || text, postcode, tag }
}

/** The three codes behind the code of a region. */
export function toLevels(code: string, { pathTo, childrenOf }: Regions): Levels {
  const [province, second, third] = pathTo(code)
  if (!province) return NO_LEVELS
  const city = second?.code ?? ''
  const stopsAtCity = city && !third && childrenOf(city).length > 0
  return { province: province.code, city, county: third?.code ?? (stopsAtCity ? city : '') }
}

/** The code of the region of an address; empty when neither its code nor its names are known. */
export function findCode({ region_code, province, city, county }: Address, regions: Regions): string {
  if (region_code && regions.pathTo(region_code).length) return region_code
  return province ? (regions.findIn(`${province}${city}${county}`)?.code ?? '') : ''
}

/** The code of the most specific level. */
export function deepestCode({ province, city, county }: Levels): string {
  return county || city || province
}

export function toRequest(fields: Fields, region: RegionNames | null): AddressIn {
  const detail = normalizeLine(fields.detail)
  const contact = {
    receiver: normalizeLine(fields.receiver),
    mobile: removeNoise(fields.mobile),
    extension: '', // it stands behind the number
    postcode: fields.postcode.normalize('NFKC').trim(),
    tag: normalizeLine(fields.tag),
  }
  return region ? { ...contact, ...region, detail } : { ...contact, address: detail }
}

export function toRegionNames(path: Region[]): RegionNames | null {
  const [province, ...lower] = path
  if (!province) return null
  const nameOf = (isLowest: boolean) => lower.find(({ code }) => isCounty(code) === isLowest)?.name ?? ''
  return { province: province.name, city: nameOf(false), county: nameOf(true), region_code: path.at(-1)!.code }
}

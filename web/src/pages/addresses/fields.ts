import type { Address, AddressIn, ParsedAddress, Place } from '@/api/client'
import { removeNoise } from '@/validation'
import { TAGS } from './tags'

export type RegionFields = Record<'region_code' | 'province' | 'city' | 'county' | 'town' | 'town_code', string>
/** The form of an address. The region is in names, as the address holds it, with the codes that are known. */
export type Fields = RegionFields & Record<'receiver' | 'mobile' | 'detail' | 'postcode' | 'tag', string>

const NO_REGION: RegionFields = { region_code: '', province: '', city: '', county: '', town: '', town_code: '' }

/** One line, as the server stores it. */
export function normalizeLine(text: string): string {
  return text
    .replace(/[０-９Ａ-Ｚａ-ｚ＋－]/g, (char) => String.fromCharCode(char.charCodeAt(0) - 0xfee0))
    .replace(/\p{Cf}/gu, '')
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
}

/** The receiver's number with its extension, as one types it. */
export function wholeNumber(address: Partial<Pick<Address, 'mobile' | 'extension'>> | null): string {
  const { mobile = '', extension } = address ?? {}
  return extension ? `${mobile}-${extension}` : mobile
}

export function regionFields(address: Partial<Address> | null): RegionFields {
  const { province = '', city = '', county = '', town = '', region_code, town_code } = address ?? {}
  return { region_code: region_code ?? '', province, city, county, town, town_code: town_code ?? '' }
}

export function toFields(address: Partial<Address> | null): Fields {
  const { receiver = '', postcode = '', tag = TAGS[0]!, address: text = '', detail } = address ?? {}
  return { receiver, mobile: wholeNumber(address), ...regionFields(address), detail: detail || text, postcode, tag }
}

/** A region of the tree or of a warning, by its path. */
export function regionAt(path: readonly Place['path'][number][]): RegionFields {
  const nameOf = (wanted: string) => path.find(({ level }) => level === wanted)?.name ?? ''
  const region_code = path.filter(({ level }) => level !== 'town').at(-1)?.code ?? ''
  return { ...NO_REGION, region_code, province: nameOf('province'), city: nameOf('city'), county: nameOf('county') }
}

type ParsedRegion = Pick<RegionFields, 'province' | 'city' | 'county'> & { region_code?: string | null; town?: string }

/** A region as the parser names it, to which the city of Beijing is 北京市; none without a province. */
export function parsedRegion({ province, city, county, region_code, town = '' }: ParsedRegion): RegionFields {
  if (!province) return NO_REGION
  return { ...NO_REGION, region_code: region_code ?? '', province, city: city === province ? '' : city, county, town }
}

/** The form that a pasted text makes; fields that it does not name are empty. */
export function parsedFields({ fields, region_code }: ParsedAddress): Omit<Fields, 'tag'> {
  const region = parsedRegion({ ...(fields as unknown as ParsedRegion), region_code })
  const detail = region.province ? fields.detail! : `${fields.town}${fields.detail}`
  return { receiver: fields.receiver!, mobile: wholeNumber(fields), ...region, detail, postcode: fields.postcode! }
}

/** 浙江省 杭州市 余杭区 */
export function regionText({ province, city, county, town }: Omit<RegionFields, 'region_code' | 'town_code'>, gap = ' '): string {
  return [province, city, county, town].filter(Boolean).join(gap)
}

export function toRequest(fields: Fields): AddressIn {
  const { province, city, county, town, region_code, town_code } = fields
  const detail = normalizeLine(fields.detail)
  const contact = {
    receiver: normalizeLine(fields.receiver),
    mobile: removeNoise(fields.mobile),
    extension: '', // it stands behind the number
    postcode: fields.postcode.normalize('NFKC').trim(),
    tag: normalizeLine(fields.tag),
  }
  return province
    ? { ...contact, province, city, county, town, region_code, town_code, detail }
    : { ...contact, address: detail }
}

import { type Address, type AddressIn, api, call, type ParsedAddress, type Place } from '@/api/client'
import { parsedRegion, parsedFields, type RegionFields, regionAt, toFields, toRequest } from './fields'

/** Characters of a pasted text (menpai/rules.py). */
export const PASTED_LENGTH = 1000

export const parseText = (text: string): Promise<ParsedAddress> =>
  call(api.POST('/api/addresses/parse', { body: { text } }))

/** The region at the beginning of an address of one text, and what is left of it; null where that is not all. */
export async function splitText(text: string): Promise<{ region: RegionFields; detail: string } | null> {
  const parsed = await parseText(text)
  const { fields, region_code } = parsed
  const taken = fields.receiver || fields.mobile || fields.second_number || fields.postcode || fields.tag || parsed.rest
  if (taken || !fields.province || !fields.detail) return null
  return { region: parsedRegion({ ...fields, region_code }), detail: parsedFields(parsed).detail }
}

/** The address with the region of today; null where its text cannot be split. */
export async function withRegion(address: Address, { path }: Place): Promise<AddressIn | null> {
  const fields = toFields(address)
  const region = regionAt(path)
  if (address.province) return toRequest({ ...fields, ...region, town: address.town })
  const split = await splitText(address.address)
  return split && toRequest({ ...fields, ...region, town: split.region.town, detail: split.detail })
}

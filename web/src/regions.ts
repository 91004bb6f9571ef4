/** The regions of China by their codes (GB/T 2260). Their names stay Chinese in every language. */

export interface Region {
  code: string
  name: string
  /** As people write it in full: 恩施土家族苗族自治州, 恩施州. */
  fullNames: readonly string[]
  /** As people write it in short: 北京, 恩施; '' where one character would be left. */
  shortName: string
}

export interface Regions {
  /** The regions directly in a region; the provinces for ''. */
  childrenOf(code: string): readonly Region[]
  /** The regions from the province to the code itself; empty for an unknown code. */
  pathTo(code: string): Region[]
  /** The first region that a text names. */
  findIn(text: string): RegionMatch | null
}

export interface RegionMatch {
  code: string
  start: number
  end: number
}

interface Step {
  region: Region
  /** Characters of the text. */
  length: number
  isFullName: boolean
}

type Names = Record<string, string>
interface Lists {
  province_list: Names
  city_list: Names
  county_list: Names
}

// Not real cities: their counties belong directly to the province, as in the addresses that people write.
const PLACEHOLDER_CITIES = new Set(['县', '省直辖县', '自治区直辖县级行政区划'])
const ETHNIC_GROUPS =
  '蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|拉祜|水|东乡|纳西|景颇|柯尔克孜|土|仫佬|羌|布朗|撒拉|毛南|仡佬|锡伯|塔吉克|怒|保安|裕固|独龙|各'
const AUTONOMOUS = new RegExp(`^(.{2,}?)(?:(?:${ETHNIC_GROUPS})族?)*自治([州县旗区])$`)
const GAP = '[\\s,，;；:：|、。/\\\\>·-]'
const END_OF_NAME = new RegExp(`^(?:${GAP}|$)`)
const SEPARATOR = new RegExp(`^(?:${GAP}|市辖区|(?:省|自治区)直辖县(?:级行政区划)?|县(?=.{1,6}县))*`)
// 北京路 and 南京东路 are streets.
const STREET = /^[东西南北中]?[一二三四五六七八九十]?(?:大?[路街道]|巷|弄|里)/
const LEVEL_SUFFIX = /(?:特别行政区|地区|新区|[省市盟区县旗州])$/

let loading: Promise<Regions> | undefined

/** The regions, from a file that is fetched once. */
export function loadRegions(): Promise<Regions> {
  loading ??= import('@vant/area-data')
    .then(({ areaList }) => buildRegions(areaList))
    .catch((error: unknown) => {
      loading = undefined
      throw error
    })
  return loading
}

function buildRegions({ province_list, city_list, county_list }: Lists): Regions {
  const byCode = new Map<string, Region & { parent: string }>()
  const children = new Map<string, Region[]>()
  const add = (code: string, name: string, parent: string) => {
    const region = { code, parent, ...namesOf(name) }
    byCode.set(code, region)
    if (!children.get(parent)?.push(region)) children.set(parent, [region])
  }
  for (const [code, name] of Object.entries(province_list)) add(code, name, '')
  for (const [code, name] of Object.entries(city_list)) {
    const province = `${code.slice(0, 2)}0000`
    if (!PLACEHOLDER_CITIES.has(name) && name !== province_list[province]) add(code, name, province)
  }
  for (const [code, name] of Object.entries(county_list)) {
    const city = `${code.slice(0, 4)}00`
    add(code, name, byCode.has(city) ? city : `${code.slice(0, 2)}0000`)
  }

  function pathTo(code: string): Region[] {
    const region = byCode.get(code)
    return region ? [...pathTo(region.parent), region] : []
  }
  const childrenOf = (code: string) => children.get(code) ?? []
  return { childrenOf, pathTo, findIn: (text) => findRegion(text, childrenOf) }
}

function namesOf(name: string): Pick<Region, 'name' | 'fullNames' | 'shortName'> {
  const [, stem, kind] = AUTONOMOUS.exec(name) ?? []
  if (stem) return { name, fullNames: [name, `${stem}${kind}`], shortName: stem }
  const short = name.replace(LEVEL_SUFFIX, '')
  return { name, fullNames: [name], shortName: short.length > 1 && short !== name ? short : '' }
}

/** A county, a district or a town rather than a province or a city. */
export function isCounty(code: string): boolean {
  return !code.endsWith('00')
}

type ChildrenOf = Regions['childrenOf']

/** The first region that is named unambiguously: in full, by two levels, or in short with a gap after it. */
function findRegion(text: string, childrenOf: ChildrenOf): RegionMatch | null {
  for (let start = 0; start < text.length; start++) {
    const head = text.slice(0, start).split(/[\s,，;；|。]/).pop()!
    if (head.length > 4 || /[路街道巷号楼村镇\d]$/.test(head)) continue // in the middle of a word
    const rest = text.slice(start)
    const best = topLevelMatches(rest, childrenOf)
      .map((top) => descend(rest, top, childrenOf))
      .filter(({ isFullName, levels, length }) => isFullName || levels > 1 || (!head && END_OF_NAME.test(rest.slice(length))))
      .sort((left, right) => right.length - left.length)[0]
    if (best) return { code: best.region.code, start, end: start + best.length }
  }
  return null
}

/** The regions that the text begins with: a province, a city, or a county whose name is unique. */
function topLevelMatches(text: string, childrenOf: ChildrenOf): Step[] {
  const provinces = childrenOf('')
  const secondLevel = provinces.flatMap(({ code }) => childrenOf(code))
  const cities = secondLevel.filter(({ code }) => !isCounty(code))
  const counties = [...secondLevel.filter(({ code }) => isCounty(code)), ...cities.flatMap(({ code }) => childrenOf(code))]
  return [longestMatch(text, provinces), longestMatch(text, cities), uniqueMatch(text, counties)].filter((top) => top !== null)
}

/** Descends to the lowest level that the text names. */
function descend(text: string, top: Step, childrenOf: ChildrenOf): Step & { levels: number } {
  const skipSeparator = (at: number) => at + SEPARATOR.exec(text.slice(at))![0].length
  let { region, length } = top
  if (text.startsWith(region.name, skipSeparator(length))) length = skipSeparator(length) + region.name.length // 北京市北京市东城区
  for (let levels = 1; ; levels++) {
    const next = lowerMatch(text.slice(skipSeparator(length)), region.code, childrenOf)
    if (!next) return { region, length, isFullName: top.isFullName, levels }
    region = next.region
    length = skipSeparator(length) + next.length
  }
}

function lowerMatch(text: string, code: string, childrenOf: ChildrenOf): Step | null {
  const children = childrenOf(code)
  const next = longestMatch(text, children)
  // 西湖 may be the district, or the lake that a building is named after.
  const isCertain =
    next && (next.isFullName || !isCounty(next.region.code) || END_OF_NAME.test(text.slice(next.length))) 
  const match = isCertain ? next : null
  // 浙江省义乌市: the city in between is often omitted.
  const deeper = uniqueMatch(text, children.flatMap((child) => childrenOf(child.code)))
  return deeper && deeper.length > (match?.length ?? 0) ? deeper : match
}

function uniqueMatch(text: string, regions: readonly Region[]): Step | null {
  const matches = regions.filter(({ name, fullNames }) => name.length > 2 && fullNames.some((full) => text.startsWith(full)))
  return matches.length === 1 ? longestMatch(text, matches) : null
}

function longestMatch(text: string, regions: readonly Region[]): Step | null {
  let best: Step | null = null
  for (const region of regions) {
    const fullName = region.fullNames.find((name) => text.startsWith(name)) ?? ''
    const isShort = text.startsWith(region.shortName) && !STREET.test(text.slice(region.shortName.length))
    const length = Math.max(fullName.length, isShort ? region.shortName.length : 0)
    if (length > (best?.length ?? 0)) best = { region, length, isFullName: fullName.length === length }
  }
  return best
}

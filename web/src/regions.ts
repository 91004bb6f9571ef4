/** The regions of China by their codes (GB/T 2260). Their names stay Chinese in every language. */

export interface Region {
  code: string
  name: string
  /** As people write it in full: 恩施土家族苗族自治州, 恩施州. */
  full: readonly string[]
  /** As people write it in short: 北京, 恩施; '' where one character would be left. */
  short: string
}

export interface Regions {
  /** What lies in a region; the provinces for ''. */
  under(code: string): readonly Region[]
  /** From the province down to the code itself; empty for a code that is not known. */
  down(code: string): Region[]
  /** Where a text names a region, and which. */
  locate(text: string): Place | null
}

export interface Place {
  code: string
  start: number
  end: number
}

interface Step {
  region: Region
  length: number
  full: boolean
}

type Names = Record<string, string>
interface Lists {
  province_list: Names
  city_list: Names
  county_list: Names
}

// Cities on paper only: their counties stand directly under the province, as in the addresses that people write.
const ON_PAPER = new Set(['县', '省直辖县', '自治区直辖县级行政区划'])
const NATIONS =
  '蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|拉祜|水|东乡|纳西|景颇|柯尔克孜|土|仫佬|羌|布朗|撒拉|毛南|仡佬|锡伯|塔吉克|怒|保安|裕固|独龙|各'
const AUTONOMOUS = new RegExp(`^(.{2,}?)(?:(?:${NATIONS})族?)*自治([州县旗区])$`)
const GAP = '[\\s,，;；:：|、。/\\\\>·-]'
const STOP = new RegExp(`^(?:${GAP}|$)`)
const BETWEEN = new RegExp(`^(?:${GAP}|市辖区|(?:省|自治区)直辖县(?:级行政区划)?|县(?=.{1,6}县))*`)
// 北京路 and 南京东路 are streets.
const ROAD = /^[东西南北中]?[一二三四五六七八九十]?(?:大?[路街道]|巷|弄|里)/
const KIND = /(?:特别行政区|地区|新区|[省市盟区县旗州])$/

let loading: Promise<Regions> | undefined

/** A file of its own, fetched when somebody opens the first form. */
export function loadRegions(): Promise<Regions> {
  loading ??= import('@vant/area-data')
    .then(({ areaList }) => build(areaList))
    .catch((reason: unknown) => {
      loading = undefined
      throw reason
    })
  return loading
}

function build({ province_list, city_list, county_list }: Lists): Regions {
  const known = new Map<string, Region & { parent: string }>()
  const inside = new Map<string, Region[]>()
  const add = (code: string, name: string, parent: string) => {
    const region = { code, parent, ...called(name) }
    known.set(code, region)
    if (!inside.get(parent)?.push(region)) inside.set(parent, [region])
  }
  for (const [code, name] of Object.entries(province_list)) add(code, name, '')
  for (const [code, name] of Object.entries(city_list)) {
    const province = `${code.slice(0, 2)}0000`
    if (!ON_PAPER.has(name) && name !== province_list[province]) add(code, name, province)
  }
  for (const [code, name] of Object.entries(county_list)) {
    const city = `${code.slice(0, 4)}00`
    add(code, name, known.has(city) ? city : `${code.slice(0, 2)}0000`)
  }

  function down(code: string): Region[] {
    const own = known.get(code)
    return own ? [...down(own.parent), own] : []
  }
  const under = (code: string) => inside.get(code) ?? []
  return { under, down, locate: (text) => locate(text, under) }
}

function called(name: string): Pick<Region, 'name' | 'full' | 'short'> {
  const [, stem, kind] = AUTONOMOUS.exec(name) ?? []
  if (stem) return { name, full: [name, `${stem}${kind}`], short: stem }
  const short = name.replace(KIND, '')
  return { name, full: [name], short: short.length > 1 && short !== name ? short : '' }
}

/** A county, a district or a town rather than a province or a city. */
export function isCounty(code: string): boolean {
  return !code.endsWith('00')
}

type Under = Regions['under']

/** The first region that is named beyond doubt: in full, by two levels, or in short with a gap behind it. */
function locate(text: string, under: Under): Place | null {
  for (let start = 0; start < text.length; start++) {
    const head = text.slice(0, start).split(/[\s,，;；|。]/).pop()!
    if (head.length > 4 || /[路街道巷号楼村镇\d]$/.test(head)) continue // in the middle of something else
    const rest = text.slice(start)
    const best = tops(rest, under)
      .map((top) => follow(rest, top, under))
      .filter(({ full, levels, length }) => full || levels > 1 || (!head && STOP.test(rest.slice(length))))
      .sort((one, other) => other.length - one.length)[0]
    if (best) return { code: best.region.code, start, end: start + best.length }
  }
  return null
}

/** With what a region can begin: a province, a city, or a county whose name there is only once. */
function tops(text: string, under: Under): Step[] {
  const provinces = under('')
  const second = provinces.flatMap(({ code }) => under(code))
  const cities = second.filter(({ code }) => !isCounty(code))
  const counties = [...second.filter(({ code }) => isCounty(code)), ...cities.flatMap(({ code }) => under(code))]
  return [longest(text, provinces), longest(text, cities), only(text, counties)].filter((top) => top !== null)
}

/** Down from there, as far as the text goes. */
function follow(text: string, top: Step, under: Under): Step & { levels: number } {
  const past = (at: number) => at + BETWEEN.exec(text.slice(at))![0].length
  let { region, length } = top
  if (text.startsWith(region.name, past(length))) length = past(length) + region.name.length // 北京市北京市东城区
  for (let levels = 1; ; levels++) {
    const next = below(text.slice(past(length)), region.code, under)
    if (!next) return { region, length, full: top.full, levels }
    region = next.region
    length = past(length) + next.length
  }
}

function below(text: string, code: string, under: Under): Step | null {
  const inside = under(code)
  const next = longest(text, inside)
  // 西湖 may be the district, or the lake that a building is called after.
  const sure = next && (next.full || !isCounty(next.region.code) || STOP.test(text.slice(next.length))) ? next : null
  // 浙江省义乌市: the city between is often left out.
  const deeper = only(text, inside.flatMap((one) => under(one.code)))
  return deeper && deeper.length > (sure?.length ?? 0) ? deeper : sure
}

function only(text: string, among: readonly Region[]): Step | null {
  const found = among.filter(({ name, full }) => name.length > 2 && full.some((one) => text.startsWith(one)))
  return found.length === 1 ? longest(text, found) : null
}

function longest(text: string, among: readonly Region[]): Step | null {
  let best: Step | null = null
  for (const region of among) {
    const whole = region.full.find((one) => text.startsWith(one)) ?? ''
    const isShort = text.startsWith(region.short) && !ROAD.test(text.slice(region.short.length))
    const length = Math.max(whole.length, isShort ? region.short.length : 0)
    if (length > (best?.length ?? 0)) best = { region, length, full: whole.length === length }
  }
  return best
}

/** Finds regions by what a customer types: characters, pinyin, initials, a former name, a code. */
import type { FormerRegion, RegionNode, Regions } from './tree.ts'

export interface RegionMatch {
  path: readonly RegionNode[]
  /** The former name by which it was found, and the year in which that ended. */
  former?: { name: string; until: number }
}

/** How well a text fits a region: 0 in full, 1 in part. */
type Fit = 0 | 1 | null
type Named = Pick<RegionNode, 'name' | 'pinyin'>

const SHOWN_AT_MOST = 20
const SUFFIXES: Record<string, string> = { 省: 'sheng', 市: 'shi', 区: 'qu', 县: 'xian', 旗: 'qi', 盟: 'meng', 州: 'zhou' }
const PLAIN_SUFFIX = /(?:特别行政区|自治[区州县旗]|地区|新区|[省市区县旗盟州])$/

/** The best matches first: whole names before beginnings, high levels before low, today's names before former ones. */
export function searchRegions(typed: string, regions: Regions): RegionMatch[] {
  const query = typed.normalize('NFKC').toLowerCase().replace(/[\s'’,，·/]+/g, '')
  if (!query) return []
  if (/^\d+$/.test(query)) return searchCode(query, regions)
  const fits = /^[a-z]+$/.test(query) ? fitsPinyin : fitsName
  const ranked: { rank: number; match: RegionMatch }[] = []
  for (const region of regions.all) {
    const path = regions.pathTo(region.code)
    const fit = fits(query, path)
    if (fit !== null) ranked.push({ rank: fit * 10 + path.length, match: { path } })
  }
  for (const region of regions.former) {
    const fit = fits(query, [...pathAbove(region, regions), region])
    if (fit === null) continue
    for (const match of heirs(region, regions)) ranked.push({ rank: fit * 10 + 5 + match.path.length, match })
  }
  ranked.sort((left, right) => left.rank - right.rank)
  return withoutRepeats(ranked.map(({ match }) => match)).slice(0, SHOWN_AT_MOST)
}

/** A former region beside its own successor of today, or twice, is one line. */
function withoutRepeats(matches: RegionMatch[]): RegionMatch[] {
  const seen = new Set<string>()
  return matches.filter(({ path }) => {
    const { code } = path.at(-1)!
    return !seen.has(code) && seen.add(code)
  })
}

function searchCode(query: string, regions: Regions): RegionMatch[] {
  const prefix = query.slice(0, 6) // towns have nine digits
  const living = regions.all.filter(({ code }) => code.startsWith(prefix)).map(({ code }) => ({ path: regions.pathTo(code) }))
  const former = regions.former
    .filter(({ code }) => prefix.length > 3 && code.startsWith(prefix))
    .flatMap((region) => heirs(region, regions))
  return withoutRepeats([...living, ...former]).slice(0, SHOWN_AT_MOST)
}

/** The regions of today that a former one leads to. */
function heirs({ name, until, now }: FormerRegion, { pathTo }: Regions): RegionMatch[] {
  const former = { name, until: Number(until.slice(0, 4)) }
  return now.map((code) => ({ path: pathTo(code), former })).filter(({ path }) => path.length)
}

/** What stood above a former region, as far as its code tells. */
function pathAbove({ code }: FormerRegion, { pathTo }: Regions): readonly RegionNode[] {
  const city = pathTo(`${code.slice(0, 4)}00`)
  return city.length ? city : pathTo(`${code.slice(0, 2)}0000`)
}

/** `杭州余杭`: each level by its name or its beginning, some left out; the last one always. */
function fitsName(query: string, path: readonly Named[]): Fit {
  return best(path, (level, isLast, rest) => {
    const { name } = level
    const short = name.replace(PLAIN_SUFFIX, '')
    const steps: [string, Fit][] = []
    for (const form of new Set([name, short])) if (form && rest.startsWith(form)) steps.push([rest.slice(form.length), 0])
    if (isLast && name.startsWith(rest)) steps.push(['', rest.length >= short.length ? 0 : 1])
    return steps
  }, query)
}

/** `hangzhou`, `hzyh`, `hangzyuh`: each syllable in full or by its initial; the last one also begun. */
function fitsPinyin(query: string, path: readonly Named[]): Fit {
  return best(path, spell, query)
}

function spell({ name, pinyin }: Named, isLast: boolean, query: string): [string, Fit][] {
  const suffix = SUFFIXES[name.at(-1)!]
  let open = [query]
  const ends: [string, Fit][] = []
  for (const syllable of pinyin.split(' ')) {
    if (isLast && open.includes('')) ends.push(['', 1])
    if (isLast) for (const rest of open) if (rest.length > 1 && syllable.startsWith(rest) && rest !== syllable) ends.push(['', 1])
    open = open.flatMap((rest) => [
      ...(rest.startsWith(syllable) ? [rest.slice(syllable.length)] : []),
      ...(rest && rest[0] === syllable[0] && syllable.length > 1 ? [rest.slice(1)] : []),
    ])
  }
  for (const rest of open) {
    ends.push([rest, 0])
    if (suffix && rest.startsWith(suffix)) ends.push([rest.slice(suffix.length), 0])
  }
  return ends
}

type Steps = (level: Named, isLast: boolean, rest: string) => [string, Fit][]

function best(path: readonly Named[], steps: Steps, query: string, from = 0): Fit {
  let found: Fit = null
  for (let at = from; at < path.length; at++) {
    const isLast = at === path.length - 1
    for (const [rest, fit] of steps(path[at]!, isLast, query)) {
      const whole = isLast ? (rest ? null : fit) : rest ? best(path, steps, rest, at + 1) : null
      if (whole === 0) return 0
      found ??= whole
    }
  }
  return found
}

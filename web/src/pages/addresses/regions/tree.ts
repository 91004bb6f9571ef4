/** The regions of China as `GET /api/regions` answers them. Their names stay Chinese in every language. */

export interface RegionNode {
  code: string
  name: string
  level: 'province' | 'city' | 'county' | 'town'
  /** Syllables of the short name without tones: `hang zhou`. */
  pinyin: string
  children: RegionNode[]
}

/** A name of earlier years; `now`: the codes of today. */
export interface FormerRegion {
  code: string
  name: string
  pinyin: string
  until: string
  now: string[]
}

export interface Regions {
  provinces: readonly RegionNode[]
  former: readonly FormerRegion[]
  /** Every region, provinces before their cities before their counties. */
  all: readonly RegionNode[]
  /** The regions from the province to the code itself; empty for an unknown code. */
  pathTo(code: string): readonly RegionNode[]
}

export function buildRegions(provinces: readonly RegionNode[], former: readonly FormerRegion[]): Regions {
  const paths = new Map<string, readonly RegionNode[]>()
  const all: RegionNode[] = []
  const add = (region: RegionNode, above: readonly RegionNode[]) => {
    const path = [...above, region]
    all.push(region)
    paths.set(region.code, path)
    for (const child of region.children) add(child, path)
  }
  for (const province of provinces) add(province, [])
  return { provinces, former, all, pathTo: (code) => paths.get(code) ?? [] }
}

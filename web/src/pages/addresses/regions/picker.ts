import { computed, ref, shallowRef, watch } from 'vue'
import { Problem, type Town } from '@/api/client'
import { type Key, t } from '@/i18n'
import { type RegionFields, regionAt, regionText } from '../fields'
import { loadRegions, loadTowns } from './load'
import { type RegionMatch, searchRegions } from './search'
import type { RegionNode, Regions } from './tree'

export interface Option {
  key: string
  text: string
  note: string
  isChosen: boolean
  run: () => unknown
}
interface Choice {
  current: () => RegionFields
  recent: () => RegionFields[]
  choose: (region: RegionFields) => void
  /** The last level is chosen, or left out. */
  finish: () => void
}

const RECENT_AT_MOST = 3

/** The levels of a region one after the other, and the search through all of them. */
export function useRegionPicker({ current, recent, choose, finish }: Choice) {
  const regions = shallowRef<Regions | null>(null)
  const path = shallowRef<readonly RegionNode[]>([])
  const towns = shallowRef<Town[] | null>(null) // null before they are loaded
  const problem = shallowRef<Problem | null>(null)
  const query = ref('')
  const active = ref(0)
  let leftCode = '' // of the region that a step back came from

  const children = computed(() => (path.value.length ? path.value.at(-1)!.children : (regions.value?.provinces ?? [])))
  const isAtTowns = computed(() => path.value.length > 0 && !children.value.length)
  const step = computed<Key>(() => `region_${isAtTowns.value ? 'town' : (children.value[0]?.level ?? 'province')}`)
  const isLoading = computed(() => !problem.value && (isAtTowns.value ? !towns.value : !regions.value))

  const options = computed<Option[]>(() => {
    if (!regions.value) return []
    if (query.value.trim()) return searchRegions(query.value, regions.value).map(matchOption)
    if (isAtTowns.value) return [noTown(), ...(towns.value ?? []).map(townOption)]
    return [...(path.value.length ? [] : recentOptions()), ...children.value.map(regionOption)]
  })
  watch(options, (list) => {
    const left = list.findIndex(({ key }) => key === leftCode)
    active.value = Math.max(0, left >= 0 ? left : list.findIndex(({ isChosen }) => isChosen))
  })

  const option = (key: string, text: string, run: Option['run'], isChosen = false, note = ''): Option => ({ key, text, run, isChosen, note })
  function regionOption(region: RegionNode): Option {
    const chosen = regions.value!.pathTo(current().region_code).some(({ code }) => code === region.code)
    return option(region.code, region.name, () => enter([...path.value, region]), chosen)
  }
  function recentOptions(): Option[] {
    const known = recent().filter(({ region_code }) => regions.value!.pathTo(region_code).length)
    const texts = new Map(known.map((region) => [regionText(region), region]))
    return [...texts].slice(0, RECENT_AT_MOST).map(([text, region]) => {
      const take = () => {
        choose(region)
        finish()
      }
      return option(`recent-${text}`, text, take, false, t('region_recent'))
    })
  }
  function matchOption({ path: found, former }: RegionMatch): Option {
    const note = former ? t('region_former', { name: former.name, year: former.until }) : ''
    return option(found.at(-1)!.code, found.map(({ name }) => name).join(' '), () => enter(found), false, note)
  }
  function townOption(town: Town): Option {
    const take = () => {
      choose({ ...regionAt(path.value), town: town.name, town_code: town.code })
      finish()
    }
    return option(town.code, town.name, take, current().town === town.name)
  }
  function noTown(): Option {
    const take = () => {
      choose(regionAt(path.value))
      finish()
    }
    return option('no-town', t('region_no_town'), take)
  }

  /** Goes on to the next level; the lowest that an address must have is chosen at once. */
  function enter(to: readonly RegionNode[]): void {
    leftCode = path.value[to.length]?.code ?? ''
    query.value = ''
    towns.value = null
    path.value = to
    if (!isAtTowns.value) return
    const region = regionAt(to)
    if (region.region_code !== current().region_code) choose(region)
    void fetchTowns()
  }

  async function fetchTowns(): Promise<void> {
    const { code } = path.value.at(-1)!
    const list = await attempt(() => loadTowns(code))
    if (path.value.at(-1)?.code !== code || !list) return
    towns.value = list
    if (!list.length) finish()
  }

  async function attempt<T>(load: () => Promise<T>): Promise<T | null> {
    problem.value = null
    try {
      return await load()
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      problem.value = error
      return null
    }
  }

  /** Starts beside what is chosen. */
  async function start(): Promise<void> {
    path.value = []
    towns.value = null
    regions.value = await attempt(loadRegions)
    path.value = regions.value?.pathTo(current().region_code).slice(0, -1) ?? []
  }

  function move(by: number): void {
    const { length } = options.value
    if (length) active.value = (active.value + by + length) % length
  }

  /** Handles a key of the field or of the list; true when it did something. */
  function press(key: string): boolean {
    const last = options.value.length - 1
    if (key === 'ArrowDown') move(1)
    else if (key === 'ArrowUp') move(-1)
    else if (key === 'Home') active.value = 0
    else if (key === 'End') active.value = Math.max(0, last)
    else if (key === 'Enter') options.value[active.value]?.run()
    else if (!query.value && path.value.length && (key === 'ArrowLeft' || key === 'Backspace')) enter(path.value.slice(0, -1))
    else if (!query.value && key === 'ArrowRight' && !isAtTowns.value) options.value[active.value]?.run()
    else return false
    return true
  }

  return { path, problem, query, active, step, isLoading, isAtTowns, options, start, fetchTowns, enter, press }
}

import { api, call, type Town } from '@/api/client'
import { buildRegions, type Regions } from './tree'

let regions: Promise<Regions> | undefined
const towns = new Map<string, Promise<Town[]>>()

/** The regions, fetched once a page; a failure is not kept. */
export function loadRegions(): Promise<Regions> {
  regions ??= call(api.GET('/api/regions'))
    .then((answer) => buildRegions(answer.regions, answer.former))
    .catch((error: unknown) => {
      regions = undefined
      throw error
    })
  return regions
}

/** The towns of a county, or of a city without counties. */
export function loadTowns(code: string): Promise<Town[]> {
  const loading =
    towns.get(code) ??
    call(api.GET('/api/regions/{code}/towns', { params: { path: { code } } }))
      .then((answer) => answer.towns)
      .catch((error: unknown) => {
        towns.delete(code)
        throw error
      })
  towns.set(code, loading)
  return loading
}

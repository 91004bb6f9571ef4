import { api, call } from './api/client'
import type { Provider } from './boot'
import * as tab from './tab'

/** What somebody who is on the way to a provider wants there. */
export interface Trip {
  purpose: 'sign-in' | 'link'
  remember: boolean
  next: string | null
}

/** Somebody whom the provider knows and nobody here does yet. The ticket stands for who it is. */
export interface Newcomer extends Trip {
  provider: Provider
  ticket: string
  nickname: string
}

const TRIP = 'menpai_trip'
const NEWCOMER = 'menpai_newcomer'
const UNKNOWN: Trip = { purpose: 'sign-in', remember: false, next: null }

/** To the provider's own page. What is asked for waits in this tab. */
export async function depart(provider: Provider, trip: Trip): Promise<void> {
  const { purpose, remember, next } = trip
  const { url } = await call(
    api.POST('/api/social/{provider}/authorization', { params: { path: { provider } }, body: { purpose, next } }),
  )
  tab.write(TRIP, JSON.stringify({ purpose, remember, next }))
  location.assign(url)
}

/** What this tab set out for; another tab may have. */
export function trip(): Trip {
  return recalled<Trip>(TRIP) ?? UNKNOWN
}

export function newcomer(): Newcomer | null {
  return recalled<Newcomer>(NEWCOMER)
}

export function welcome(who: Newcomer): void {
  tab.write(NEWCOMER, JSON.stringify(who))
}

export function forgetNewcomer(): void {
  tab.drop(NEWCOMER)
}

function recalled<T>(name: string): T | null {
  return JSON.parse(tab.read(name) ?? 'null') as T | null
}

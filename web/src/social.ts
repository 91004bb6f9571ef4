import { api, call } from './api/client'
import type { Provider } from './boot'
import * as tabStorage from './tabStorage'

/** The purpose of a visit to a provider. */
export interface AuthorizationRequest {
  purpose: 'sign-in' | 'link' | 'step-up'
  remember: boolean
  next: string | null
}

/** A sign-in by an account of a provider that belongs to no customer yet. The ticket stands for that account. */
export interface PendingSignIn extends AuthorizationRequest {
  provider: Provider
  ticket: string
  nickname: string
}

const REQUEST = 'menpai_trip'
const PENDING = 'menpai_newcomer'
const DEFAULT_REQUEST: AuthorizationRequest = { purpose: 'sign-in', remember: false, next: null }

/** Leaves for the provider's page. The request is kept in this tab. */
export async function startAuthorization(provider: Provider, request: AuthorizationRequest): Promise<void> {
  const { purpose, remember, next } = request
  const { url } = await call(
    api.POST('/api/social/{provider}/authorization', { params: { path: { provider } }, body: { purpose, next } }),
  )
  tabStorage.write(REQUEST, JSON.stringify({ purpose, remember, next }))
  location.assign(url)
}

/** The request that this tab left with; the default one when another tab did. */
export function readRequest(): AuthorizationRequest {
  return read<AuthorizationRequest>(REQUEST) ?? DEFAULT_REQUEST
}

export function readPendingSignIn(): PendingSignIn | null {
  return read<PendingSignIn>(PENDING)
}

export function savePendingSignIn(pending: PendingSignIn): void {
  tabStorage.write(PENDING, JSON.stringify(pending))
}

export function clearPendingSignIn(): void {
  tabStorage.remove(PENDING)
}

function read<T>(name: string): T | null {
  return JSON.parse(tabStorage.read(name) ?? 'null') as T | null
}

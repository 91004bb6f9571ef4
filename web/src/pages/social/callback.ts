import type { LocationQuery } from 'vue-router'

/** The result that a provider appends to the callback URL. */
export type CallbackResult = { code: string; state: string } | 'cancelled' | 'refused' | 'away' | 'nothing'

const UNAVAILABLE = ['server_error', 'temporarily_unavailable'] // RFC 6749, 4.1.2.1

/**
 * Alipay calls its code `auth_code`. A customer who cancels returns from Weibo with an `error`, from WeChat with the
 * state alone, from QQ with `usercancel`.
 */
export function parseCallback(query: LocationQuery): CallbackResult {
  const parameter = (name: string) => (typeof query[name] === 'string' ? query[name] : '')
  const code = parameter('code') || parameter('auth_code')
  const state = parameter('state')
  const error = parameter('error')
  if (error === 'access_denied' || Number(parameter('usercancel'))) return 'cancelled'
  if (error) return UNAVAILABLE.includes(error) ? 'away' : 'refused'
  if (code && state) return { code, state }
  return state ? 'cancelled' : 'nothing'
}

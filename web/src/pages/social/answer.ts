import type { LocationQuery } from 'vue-router'

/** What a provider sends along when it sends somebody back. */
export type Answer = { code: string; state: string } | 'cancelled' | 'refused' | 'away' | 'nothing'

const AWAY = ['server_error', 'temporarily_unavailable'] // RFC 6749, 4.1.2.1

/**
 * Alipay calls its code `auth_code`. Somebody who cancels comes back from Weibo with an `error`, from WeChat with the
 * state alone, from QQ with `usercancel`.
 */
export function answerIn(query: LocationQuery): Answer {
  const one = (name: string) => (typeof query[name] === 'string' ? query[name] : '')
  const code = one('code') || one('auth_code')
  const state = one('state')
  const error = one('error')
  if (error === 'access_denied' || Number(one('usercancel'))) return 'cancelled'
  if (error) return AWAY.includes(error) ? 'away' : 'refused'
  if (code && state) return { code, state }
  return state ? 'cancelled' : 'nothing'
}

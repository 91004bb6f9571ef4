import { api, call, type CaptchaChallenge, type CaptchaPurpose } from '../api/client'

/** A challenge; `working`: this browser can compute. */
export function ask(purpose: CaptchaPurpose, working = false): Promise<CaptchaChallenge> {
  const kinds: CaptchaChallenge['kind'][] = working ? ['proof_of_work', 'image'] : ['image']
  return call(api.POST('/api/captcha/challenges', { body: { purpose, kinds } }))
}

export function send(offer: CaptchaChallenge, answer: string): Promise<unknown> {
  return call(api.POST('/api/captcha/passes', { body: { challenge: offer.challenge, answer } }))
}

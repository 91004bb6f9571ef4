import { api, call, type CaptchaChallenge, type CaptchaPurpose } from '../api/client'

/** A new challenge; `withProofOfWork`: one that the browser can compute by itself will do. */
export function requestChallenge(purpose: CaptchaPurpose, withProofOfWork = false): Promise<CaptchaChallenge> {
  const kinds: CaptchaChallenge['kind'][] = withProofOfWork ? ['proof_of_work', 'image'] : ['image']
  return call(api.POST('/api/captcha/challenges', { body: { purpose, kinds } }))
}

export function submitAnswer(challenge: CaptchaChallenge, answer: string): Promise<unknown> {
  return call(api.POST('/api/captcha/passes', { body: { challenge: challenge.challenge, answer } }))
}

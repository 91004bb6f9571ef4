import createClient from 'openapi-fetch'
import { language, t } from '../i18n'
import type { components, paths } from './schema'

type Schemas = components['schemas']
export type Me = Schemas['Me']
export type SignedIn = Schemas['SignedIn']
export type CodeSent = Schemas['CodeSent']
export type Address = Schemas['Address']
export type AddressIn = Schemas['AddressIn']
export type Book = Schemas['Book']
export type Device = Schemas['Device']
export type Altcha = Schemas['Altcha']
export type CaptchaChallenge = Schemas['CaptchaChallenge']
export type CaptchaPurpose = Schemas['CaptchaPass']['purpose']
export type Activity = Schemas['Activity']
export type Arrival = Schemas['Arrival']
export type SocialLinks = Schemas['Links']

const PATIENCE_MS = 15_000

/** What is said, in the language of the page. */
export type Words = () => string

/** Every way in which a request can fail, with a text for the customer. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    private readonly words: Words,
    readonly fields: Record<string, Words> = {},
    readonly retryAfter: number | null = null,
  ) {
    super(code)
  }

  /** In the language of the page, also when that changes while it stands there. */
  get detail(): string {
    return this.words()
  }
}

export const api = createClient<paths>({ baseUrl: location.origin, fetch: asPerson })
api.use({
  onRequest({ request }) {
    request.headers.set('Accept-Language', language.value)
  },
})

let solveCaptcha: (response: Response) => Promise<boolean> = async () => false

/** `handler` answers true when the response asked for a captcha and it is now solved. */
export function onTooManyRequests(handler: typeof solveCaptcha): void {
  solveCaptcha = handler
}

/** Sends a request, and once more when the captcha that the server asked for has been solved. */
async function asPerson(request: Request): Promise<Response> {
  for (let left = 2; ; left--) {
    const response = await fetch(left ? request.clone() : request, { signal: AbortSignal.timeout(PATIENCE_MS) })
    if (response.status !== 429 || !left) return response
    if (!(await solveCaptcha(response))) return response
  }
}

let expired = () => {}

/** What happens when the server no longer knows who is signed in. */
export function whenExpired(run: () => void): void {
  expired = run
}

/** The data of an answer; everything else is thrown as a Problem. */
export async function call<T>(request: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await request.catch(unreachable)
  if (response.ok) return data as T
  const problem = refusal(error, response)
  if (problem.code === 'not_signed_in') expired()
  throw problem
}

function unreachable(reason: unknown): never {
  const late = reason instanceof DOMException && reason.name === 'TimeoutError'
  throw late ? new Problem(0, 'timeout', () => t('timeout')) : new Problem(0, 'offline', () => t('offline'))
}

function refusal(error: unknown, response: Response): Problem {
  const said = error as Partial<Schemas['Problem']> | undefined
  const wait = Number(response.headers.get('Retry-After')) || null
  // A proxy in between answers with a page of its own.
  if (!said?.code) return new Problem(response.status, 'fault', () => t('fault'), {}, wait)
  const fields = Object.fromEntries((said.errors ?? []).map(({ field, details }) => [field, inLanguage(details)]))
  return new Problem(response.status, said.code, inLanguage(said.details), fields, wait)
}

function inLanguage(details: Schemas['Words'] | undefined): Words {
  return () => details?.[language.value] ?? t('fault')
}

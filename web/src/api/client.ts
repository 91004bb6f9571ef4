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
export type AddressWarning = Schemas['AddressWarning']
export type ParsedAddress = Schemas['ParsedAddress']
export type Place = Schemas['Place']
export type Town = Schemas['Town']
export type Device = Schemas['Device']
export type Altcha = Schemas['Altcha']
export type CaptchaChallenge = Schemas['CaptchaChallenge']
export type CaptchaPurpose = Schemas['CaptchaPass']['purpose']
export type Activity = Schemas['Activity']
export type SocialOutcome = Schemas['Arrival']
export type SocialLinks = Schemas['Links']
export type StepUpMethods = Schemas['StepUpMethods']

const TIMEOUT_MS = 15_000
const ASKED_AT_MOST = 3 // for one request: captchas, and who the customer is

/** A text in the current language of the page. */
export type LocalizedText = () => string

/** A failed request, with a text for the customer. Status 0: there was no response. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    private readonly text: LocalizedText,
    readonly fields: Record<string, LocalizedText> = {},
    readonly retryAfter: number | null = null,
  ) {
    super(code)
  }

  /** Follows the language of the page when that changes. */
  get detail(): string {
    return this.text()
  }
}

export const api = createClient<paths>({ baseUrl: location.origin, fetch: fetchAndAsk })
api.use({
  onRequest({ request }) {
    request.headers.set('Accept-Language', language.value)
  },
})

let solveCaptcha: (response: Response) => Promise<boolean> = async () => false
let confirmIdentity: (response: Response) => Promise<boolean> = async () => false
let endSession = () => {}

/** `solve` returns true when the response required a captcha and the customer has solved it. */
export function onCaptchaRequired(solve: (response: Response) => Promise<boolean>): void {
  solveCaptcha = solve
}

/** `confirm` returns true when the response asked who the customer is, and they have confirmed it. */
export function onStepUpRequired(confirm: (response: Response) => Promise<boolean>): void {
  confirmIdentity = confirm
}

/** `handler` runs when the server no longer accepts the session. */
export function onSessionExpired(handler: () => void): void {
  endSession = handler
}

/** Sends a request, and again each time something was asked of the customer first, and done. */
async function fetchAndAsk(request: Request): Promise<Response> {
  for (let left = ASKED_AT_MOST; ; left--) {
    const response = await fetch(left ? request.clone() : request, { signal: AbortSignal.timeout(TIMEOUT_MS) })
    const ask = { 429: solveCaptcha, 403: confirmIdentity }[response.status]
    if (!ask || !left || !(await ask(response))) return response
  }
}

/** The data of a successful response. Throws a Problem for everything else. */
export async function call<T>(request: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await request.catch(throwNetworkProblem)
  if (response.ok) return data as T
  const problem = problemOf(error, response)
  if (problem.code === 'not_signed_in') endSession()
  throw problem
}

function throwNetworkProblem(error: unknown): never {
  const isTimeout = error instanceof DOMException && error.name === 'TimeoutError'
  throw isTimeout ? new Problem(0, 'timeout', () => t('timeout')) : new Problem(0, 'offline', () => t('offline'))
}

function problemOf(error: unknown, response: Response): Problem {
  const body = error as Partial<Schemas['Problem']> | undefined
  const retryAfter = Number(response.headers.get('Retry-After')) || null
  // A proxy in between responds with a page of its own.
  if (!body?.code) return new Problem(response.status, 'fault', () => t('fault'), {}, retryAfter)
  const fields = Object.fromEntries((body.errors ?? []).map(({ field, details }) => [field, localized(details)]))
  return new Problem(response.status, body.code, localized(body.details), fields, retryAfter)
}

function localized(details: Schemas['Words'] | undefined): LocalizedText {
  return () => details?.[language.value] ?? t('fault')
}

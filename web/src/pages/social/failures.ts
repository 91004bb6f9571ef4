import type { Problem } from '@/api/client'

export type Failure = 'cancelled' | 'state' | 'refused' | 'away' | 'taken' | 'second' | 'signed_out'

const BY_CODE: Record<string, Failure> = {
  social_state: 'state',
  social_refused: 'refused',
  social_away: 'away',
  social_taken: 'taken',
  provider_taken: 'second',
  not_signed_in: 'signed_out',
}

/** The failure that the page has a text for; null: the text of the server is shown. */
export function failureOf({ code }: Problem): Failure | null {
  return BY_CODE[code] ?? null
}

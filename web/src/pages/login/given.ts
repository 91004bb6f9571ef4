/** What the two forms of signing in have gathered; the page says what it is for. */
export interface ByCode {
  mobile: string
  code: string
  terms_version: string | null
}

export interface ByPassword {
  name: string
  password: string
}

/** What the two sign-in forms collect; the page adds its purpose. */
export interface CodeCredentials {
  mobile: string
  code: string
  terms_version: string | null
}

export interface PasswordCredentials {
  name: string
  password: string
}

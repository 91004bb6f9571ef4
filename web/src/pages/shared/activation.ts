import { api, call, type CodeSent } from '@/api/client'

/** Sends the activation email again. */
export function resendActivation(): Promise<CodeSent> {
  return call(api.POST('/api/activation/resend'))
}

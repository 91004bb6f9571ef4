import { onScopeDispose, ref, shallowRef } from 'vue'
import { Problem } from '@/api/client'
import type { Provider } from '@/boot'
import { type AuthorizationRequest, startAuthorization } from '@/social'

/** Starts an authorization once, however often the button is pressed. */
export function useAuthorization() {
  const going = ref<Provider | null>(null)
  const failure = shallowRef<Problem | null>(null)

  async function go(provider: Provider, request: AuthorizationRequest): Promise<void> {
    if (going.value) return
    going.value = provider
    failure.value = null
    try {
      await startAuthorization(provider, request)
    } catch (error) {
      going.value = null
      if (!(error instanceof Problem)) throw error
      failure.value = error
    }
  }

  // The browser's back button may restore the page as it was left.
  const reset = ({ persisted }: PageTransitionEvent) => {
    if (persisted) going.value = null
  }
  window.addEventListener('pageshow', reset)
  onScopeDispose(() => window.removeEventListener('pageshow', reset))
  return { going, failure, go }
}

import { onScopeDispose, ref, shallowRef } from 'vue'
import { Problem } from '@/api/client'
import type { Provider } from '@/boot'
import { depart, type Trip } from '@/social'

/** On the way to a provider, once, however often the button is pressed. */
export function useDeparture() {
  const going = ref<Provider | null>(null)
  const failure = shallowRef<Problem | null>(null)

  async function go(provider: Provider, trip: Trip): Promise<void> {
    if (going.value) return
    going.value = provider
    failure.value = null
    try {
      await depart(provider, trip)
    } catch (no) {
      going.value = null
      if (!(no instanceof Problem)) throw no
      failure.value = no
    }
  }

  // Whoever comes back by the browser's own button may find the page as it was left.
  const shown = ({ persisted }: PageTransitionEvent) => {
    if (persisted) going.value = null
  }
  window.addEventListener('pageshow', shown)
  onScopeDispose(() => window.removeEventListener('pageshow', shown))
  return { going, failure, go }
}

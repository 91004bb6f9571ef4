import { reactive } from 'vue'
import { api, call, Problem } from '@/api/client'
import { isMobile, normalizeMobile } from '@/validation'

/** The mobile numbers that are known to be registered. A failed check never blocks the form. */
export function useRegisteredMobiles() {
  const takenByMobile = reactive(new Map<string, boolean>())

  function isTaken(text: string): boolean {
    return takenByMobile.get(normalizeMobile(text)) === true
  }

  function setTaken(text: string, taken: boolean): void {
    takenByMobile.set(normalizeMobile(text), taken)
  }

  async function checkMobile(text: string): Promise<void> {
    const mobile = normalizeMobile(text)
    if (!isMobile(text) || takenByMobile.has(mobile)) return
    try {
      const { available } = await call(api.POST('/api/registrations/check', { body: { mobile } }))
      if (!takenByMobile.has(mobile)) setTaken(mobile, !available)
    } catch (error) {
      if (!(error instanceof Problem)) throw error
    }
  }

  return { isTaken, setTaken, checkMobile }
}

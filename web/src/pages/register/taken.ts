import { reactive } from 'vue'
import { api, call, Problem } from '@/api/client'
import { isMobile, normalMobile } from '@/checks'

/** Which numbers are registered, as far as this page has heard. Not hearing never stands in the way. */
export function useTaken() {
  const heard = reactive(new Map<string, boolean>())

  function isTaken(typed: string): boolean {
    return heard.get(normalMobile(typed)) === true
  }

  function note(typed: string, taken: boolean): void {
    heard.set(normalMobile(typed), taken)
  }

  async function look(typed: string): Promise<void> {
    const mobile = normalMobile(typed)
    if (!isMobile(typed) || heard.has(mobile)) return
    try {
      const { available } = await call(api.POST('/api/registrations/check', { body: { mobile } }))
      if (!heard.has(mobile)) note(mobile, !available)
    } catch (no) {
      if (!(no instanceof Problem)) throw no
    }
  }

  return { isTaken, note, look }
}

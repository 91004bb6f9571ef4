import { computed, ref, shallowRef } from 'vue'
import { Problem } from '@/api/client'

/** What a page needs before it can show anything: on its way, there, or not to be had. */
export function useLoad(get: () => Promise<unknown>) {
  const state = ref<'loading' | 'ready' | 'failed'>('loading')
  const problem = shallowRef<Problem | null>(null)
  const failure = computed(() => problem.value?.detail ?? '')

  async function load(): Promise<void> {
    state.value = 'loading'
    try {
      await get()
      state.value = 'ready'
    } catch (no) {
      if (!(no instanceof Problem)) throw no
      problem.value = no
      state.value = 'failed'
    }
  }
  void load()
  return { state, failure, load }
}

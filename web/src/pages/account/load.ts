import { computed, ref, shallowRef } from 'vue'
import { Problem } from '@/api/client'

/** Loads the data of a page; `state` tells whether it is there. */
export function useLoad(fetchData: () => Promise<unknown>) {
  const state = ref<'loading' | 'ready' | 'failed'>('loading')
  const problem = shallowRef<Problem | null>(null)
  const failure = computed(() => problem.value?.detail ?? '')

  async function load(): Promise<void> {
    state.value = 'loading'
    try {
      await fetchData()
      state.value = 'ready'
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      problem.value = error
      state.value = 'failed'
    }
  }
  void load()
  return { state, failure, load }
}

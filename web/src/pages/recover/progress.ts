import { reactive, watch } from 'vue'

export interface Progress {
  step: 1 | 2 | 3
  target: string
  /** When the code was sent (step 2) or redeemed (step 3), and how many seconds that is good for. */
  at: number
  life: number
}

/** Where somebody is on the way to a new password. It stands in this entry of the history: a reload keeps it. */
export function useProgress(target: string): Progress {
  const progress = reactive<Progress>(remembered() ?? { step: 1, target, at: 0, life: 0 })
  watch(progress, (now) => history.replaceState({ ...history.state, recover: { ...now } }, ''), { immediate: true })
  return progress
}

function remembered(): Progress | null {
  const kept = (history.state as { recover?: Progress } | null)?.recover
  return kept ? { ...kept } : null
}

export function isOver(progress: Progress): boolean {
  return Date.now() > progress.at + progress.life * 1000
}

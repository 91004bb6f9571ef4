import { reactive, watch } from 'vue'

export interface Progress {
  step: 1 | 2 | 3
  target: string
  /** When the code was sent (step 2) or redeemed (step 3), in milliseconds. */
  at: number
  /** Seconds until the code or the ticket expires. */
  life: number
}

/** The progress of a password reset. It is kept in this entry of the history, so that it outlives a reload. */
export function useProgress(target: string): Progress {
  const progress = reactive<Progress>(storedProgress() ?? { step: 1, target, at: 0, life: 0 })
  watch(progress, (current) => history.replaceState({ ...history.state, recover: { ...current } }, ''), { immediate: true })
  return progress
}

function storedProgress(): Progress | null {
  const stored = (history.state as { recover?: Progress } | null)?.recover
  return stored ? { ...stored } : null
}

export function isExpired(progress: Progress): boolean {
  return Date.now() > progress.at + progress.life * 1000
}

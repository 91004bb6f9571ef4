import { computed, onScopeDispose, ref } from 'vue'
import * as tabStorage from './tabStorage'

/** Seconds left until something may be done again; by the wall clock, and kept over a reload. */
export function useCountdown(name: string) {
  const key = `menpai_wait_${name}`
  const until = ref(Number(tabStorage.read(key)) || 0)
  const now = ref(Date.now())
  const left = computed(() => Math.max(0, Math.ceil((until.value - now.value) / 1000)))
  const timer = setInterval(() => (now.value = Date.now()), 250)
  onScopeDispose(() => clearInterval(timer))

  function start(seconds: number): void {
    now.value = Date.now()
    until.value = now.value + seconds * 1000
    tabStorage.write(key, String(until.value))
  }
  return { left, start, stop: () => start(0) }
}

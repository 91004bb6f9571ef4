import { computed, onScopeDispose, ref } from 'vue'

/** Seconds until something may be done again; by the wall clock, and a reload does not end it. */
export function useCountdown(name: string) {
  const key = `menpai_wait_${name}`
  const until = ref(stored(key))
  const now = ref(Date.now())
  const left = computed(() => Math.max(0, Math.ceil((until.value - now.value) / 1000)))
  const timer = setInterval(() => (now.value = Date.now()), 250)
  onScopeDispose(() => clearInterval(timer))

  function start(seconds: number): void {
    now.value = Date.now()
    until.value = now.value + seconds * 1000
    store(key, until.value)
  }
  return { left, start, stop: () => start(0) }
}

// Storage may be switched off in the browser; then a reload does end it, and the server still says no.
function stored(key: string): number {
  try {
    return Number(sessionStorage.getItem(key)) || 0
  } catch {
    return 0
  }
}

function store(key: string, until: number): void {
  try {
    sessionStorage.setItem(key, String(until))
  } catch {
    return
  }
}

import { reactive } from 'vue'

export type Tone = 'success' | 'info' | 'danger'
export interface Notice {
  id: number
  text: string
  tone: Tone
  action?: { label: string; run: () => unknown }
}

const SHOWN_MS = 8_000
const AT_MOST = 3
let last = 0

export const notices = reactive<Notice[]>([])

/** A short word at the edge of the page. One with an action stays until it is used, closed or crowded out. */
export function notify(text: string, more: { tone?: Tone; action?: Notice['action'] } = {}): () => void {
  const id = ++last
  notices.push({ id, text, tone: more.tone ?? 'success', action: more.action })
  if (notices.length > AT_MOST) notices.shift()
  if (!more.action) setTimeout(() => dismiss(id), SHOWN_MS)
  return () => dismiss(id)
}

export function dismiss(id: number): void {
  const at = notices.findIndex((one) => one.id === id)
  if (at >= 0) notices.splice(at, 1)
}

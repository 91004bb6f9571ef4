import { reactive } from 'vue'

export type Tone = 'success' | 'info' | 'danger'
export interface Notice {
  id: number
  text: string
  tone: Tone
  action?: { label: string; run: () => unknown }
}

const SHOWN_MS = 8_000
const SHOWN_AT_MOST = 3
let lastId = 0

export const notices = reactive<Notice[]>([])

/** Shows a short text at the edge of the page; returns what dismisses it. One with an action does not time out. */
export function notify(text: string, options: { tone?: Tone; action?: Notice['action'] } = {}): () => void {
  const id = ++lastId
  notices.push({ id, text, tone: options.tone ?? 'success', action: options.action })
  if (notices.length > SHOWN_AT_MOST) notices.shift()
  if (!options.action) setTimeout(() => dismiss(id), SHOWN_MS)
  return () => dismiss(id)
}

export function dismiss(id: number): void {
  const index = notices.findIndex((notice) => notice.id === id)
  if (index >= 0) notices.splice(index, 1)
}

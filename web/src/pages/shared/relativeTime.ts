import { formatMoment } from '@/format'
import { language, t } from '@/i18n'

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const STEPS: [Intl.RelativeTimeFormatUnit, number, number][] = [
  // unit, its seconds, up to how many seconds it is used
  ['minute', MINUTE, HOUR],
  ['hour', HOUR, DAY],
  ['day', DAY, 8 * DAY],
]

/** `5 分钟前`; after a week day and time. */
export function formatAgo(iso: string, now: number): string {
  const seconds = Math.max(0, (now - Date.parse(iso)) / 1000)
  if (seconds < MINUTE) return t('devices_now')
  const step = STEPS.find(([, , limit]) => seconds < limit)
  if (!step) return formatMoment(iso)
  const [unit, size] = step
  const text = new Intl.RelativeTimeFormat(language.value, { numeric: 'always' }).format(-Math.floor(seconds / size), unit)
  return text.replace(/(\d)(?=\p{Script=Han})/u, '$1 ')
}

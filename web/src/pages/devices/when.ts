import { moment } from '@/format'
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

/** `5 分钟前`; after a week the day itself. */
export function ago(iso: string, now: number): string {
  const seconds = Math.max(0, (now - Date.parse(iso)) / 1000)
  if (seconds < MINUTE) return t('devices_now')
  const step = STEPS.find(([, , most]) => seconds < most)
  if (!step) return moment(iso)
  const [unit, size] = step
  const words = new Intl.RelativeTimeFormat(language.value, { numeric: 'always' }).format(-Math.floor(seconds / size), unit)
  return words.replace(/(\d)(?=\p{Script=Han})/u, '$1 ')
}

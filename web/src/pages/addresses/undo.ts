import { t } from '@/i18n'
import { notify } from '@/notices'

const OFFERED_MS = 10_000
const LOOK_AGAIN_MS = 1_000

/** Offers for some seconds to take a deletion back; longer while somebody is about to use it. */
export function offerUndo(text: string, run: () => unknown): void {
  const dismiss = notify(text, { tone: 'info', action: { label: t('address_undo'), run } })
  const end = () => {
    if (document.querySelector('.notices:hover, .notices:focus-within')) setTimeout(end, LOOK_AGAIN_MS)
    else dismiss()
  }
  setTimeout(end, OFFERED_MS)
}

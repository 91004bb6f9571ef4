import { t } from '@/i18n'
import { notify } from '@/notices'

const OFFERED_MS = 10_000
const CHECK_AGAIN_MS = 1_000

/** Offers to undo a deletion for some seconds, longer while the pointer or the focus is on the notice. */
export function offerUndo(text: string, run: () => unknown): void {
  const dismiss = notify(text, { tone: 'info', action: { label: t('address_undo'), run } })
  const dismissUnlessUsed = () => {
    if (document.querySelector('.notices:hover, .notices:focus-within')) setTimeout(dismissUnlessUsed, CHECK_AGAIN_MS)
    else dismiss()
  }
  setTimeout(dismissUnlessUsed, OFFERED_MS)
}

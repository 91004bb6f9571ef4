import { createApp } from 'vue'
import StepUpDialog from './StepUpDialog.vue'

let open: Promise<boolean> | null = null

/** True when the server asked who the customer is, and they have confirmed it. Several at once share one dialog. */
export async function confirmIdentity(response: Response): Promise<boolean> {
  const body = await response.clone().json().catch(() => null)
  if (body?.code !== 'step_up_required') return false
  open ??= openDialog().finally(() => (open = null))
  return open
}

/** Mounted beside the page, so that nothing on the page changes. */
function openDialog(): Promise<boolean> {
  const container = document.body.appendChild(document.createElement('div'))
  return new Promise<boolean>((resolve) => {
    const app = createApp(StepUpDialog, {
      onDone(isConfirmed: boolean) {
        app.unmount()
        container.remove()
        resolve(isConfirmed)
      },
    })
    app.mount(container)
  })
}

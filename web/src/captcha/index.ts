import { createApp } from 'vue'
import { type CaptchaChallenge, type CaptchaPurpose, Problem } from '../api/client'
import { loadAlso } from '../i18n'
import CaptchaDialog from './CaptchaDialog.vue'
import { ask, send } from './challenges'
import { canWork, work } from './work'

let last: Promise<unknown> = Promise.resolve()

/** Whether this answer asked for a captcha, and it is solved now. Several at once take turns: there is one dialog. */
export async function passed(response: Response): Promise<boolean> {
  const said = await response.clone().json().catch(() => null)
  if (said?.code !== 'captcha_required') return false
  const turn = last.then(() => earn(said.purpose))
  last = turn.catch(() => {})
  return turn
}

async function earn(purpose: CaptchaPurpose): Promise<boolean> {
  let offer: CaptchaChallenge
  try {
    offer = await ask(purpose, canWork())
  } catch (problem) {
    if (problem instanceof Problem && problem.status) return false
    throw problem // the network: whoever asked is told of that
  }
  if (offer.altcha) {
    const answer = await work(offer.altcha)
    if (answer && (await send(offer, answer).then(() => true, () => false))) return true
  }
  await loadAlso('captcha')
  return show(purpose, offer.picture ? offer : null)
}

/** The dialog, beside the page, so that nothing on the page is touched. */
function show(purpose: CaptchaPurpose, first: CaptchaChallenge | null): Promise<boolean> {
  const place = document.body.appendChild(document.createElement('div'))
  return new Promise<boolean>((done) => {
    const app = createApp(CaptchaDialog, {
      purpose,
      first,
      onDone(solved: boolean) {
        app.unmount()
        place.remove()
        done(solved)
      },
    })
    app.mount(place)
  })
}

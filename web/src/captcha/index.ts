import { createApp } from 'vue'
import { type CaptchaChallenge, type CaptchaPurpose, Problem } from '../api/client'
import { loadPart } from '../i18n'
import CaptchaDialog from './CaptchaDialog.vue'
import { requestChallenge, submitAnswer } from './challenges'
import { canComputeProof, computeProof } from './proofOfWork'

let previous: Promise<unknown> = Promise.resolve()

/** True when the response required a captcha and it is now solved. Several at once take turns: there is one dialog. */
export async function solveCaptcha(response: Response): Promise<boolean> {
  const body = await response.clone().json().catch(() => null)
  if (body?.code !== 'captcha_required') return false
  const turn = previous.then(() => solveFor(body.purpose))
  previous = turn.catch(() => {})
  return turn
}

async function solveFor(purpose: CaptchaPurpose): Promise<boolean> {
  let challenge: CaptchaChallenge
  try {
    challenge = await requestChallenge(purpose, canComputeProof())
  } catch (error) {
    if (error instanceof Problem && error.status) return false
    throw error // of the network: the caller reports it
  }
  if (challenge.altcha) {
    const proof = await computeProof(challenge.altcha)
    if (proof && (await submitAnswer(challenge, proof).then(() => true, () => false))) return true
  }
  await loadPart('captcha')
  return openDialog(purpose, challenge.picture ? challenge : null)
}

/** Mounted beside the page, so that nothing on the page changes. */
function openDialog(purpose: CaptchaPurpose, firstChallenge: CaptchaChallenge | null): Promise<boolean> {
  const container = document.body.appendChild(document.createElement('div'))
  return new Promise<boolean>((resolve) => {
    const app = createApp(CaptchaDialog, {
      purpose,
      firstChallenge,
      onDone(isSolved: boolean) {
        app.unmount()
        container.remove()
        resolve(isSolved)
      },
    })
    app.mount(container)
  })
}

let release = Promise.resolve()
let released = () => {}

function pressed(): void {
  released()
  release = new Promise((done) => (released = done))
}

addEventListener('pointerdown', pressed, true)
for (const end of ['pointerup', 'pointercancel']) addEventListener(end, () => released(), true)

/**
 * When the press that took the focus away from a field is over, click included. An error line that appears earlier
 * moves what is being pressed from under the finger, and the click is lost.
 */
export async function afterPress(): Promise<void> {
  await release
  await new Promise((next) => setTimeout(next))
}

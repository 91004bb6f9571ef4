let released = Promise.resolve()
let release = () => {}

function press(): void {
  release()
  released = new Promise((resolve) => (release = resolve))
}

addEventListener('pointerdown', press, true)
for (const event of ['pointerup', 'pointercancel']) addEventListener(event, () => release(), true)

/**
 * Resolves when the press that took the focus from a field is over, click included. An error line that appears
 * earlier moves the pressed button from under the finger, and the click is lost.
 */
export async function waitForRelease(): Promise<void> {
  await released
  await new Promise((resolve) => setTimeout(resolve))
}

import { language } from '../i18n'

/** Plays a sound of the server's, in the language of the page. One at a time. */
export function useSpeech() {
  let context: AudioContext | undefined
  let playing: AudioBufferSourceNode | undefined

  function stop(): void {
    playing?.stop()
    playing = undefined
  }

  /** True once it was heard, or stopped; false when it could not be played. */
  async function speak(address: string): Promise<boolean> {
    stop()
    try {
      context ??= new AudioContext()
      await context.resume()
      const answer = await fetch(address, { headers: { 'Accept-Language': language.value } })
      if (!answer.ok) return false
      const sound = await context.decodeAudioData(await answer.arrayBuffer())
      const source = (playing = context.createBufferSource())
      source.buffer = sound
      source.connect(context.destination)
      const ended = new Promise<boolean>((done) => (source.onended = () => done(true)))
      source.start()
      return await ended
    } catch {
      return false
    }
  }

  function close(): void {
    stop()
    void context?.close()
  }
  return { speak, stop, close }
}

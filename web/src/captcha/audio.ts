import { language } from '../i18n'

/** Plays sounds of the server in the language of the page, one at a time. */
export function useAudio() {
  let context: AudioContext | undefined
  let playing: AudioBufferSourceNode | undefined

  function stop(): void {
    playing?.stop()
    playing = undefined
  }

  /** True once it has ended or was stopped; false when it could not be played. */
  async function play(url: string): Promise<boolean> {
    stop()
    try {
      context ??= new AudioContext()
      await context.resume()
      const response = await fetch(url, { headers: { 'Accept-Language': language.value } })
      if (!response.ok) return false
      const sound = await context.decodeAudioData(await response.arrayBuffer())
      const source = (playing = context.createBufferSource())
      source.buffer = sound
      source.connect(context.destination)
      const ended = new Promise<boolean>((resolve) => (source.onended = () => resolve(true)))
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
  return { play, stop, close }
}

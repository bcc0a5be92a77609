import type { PlaybackSession } from './playback-session.ts'
import type { HlsVideo } from './player-watch.ts'

const AGAIN_MS = 1000

/**
 * Where the browser plays HLS by itself, it reads the playlists once and asks for segments under the URLs that it
 * found: the engine's session keeps them alive. It does not ask again for what was refused, so a view whose token
 * ended while it was paused renews before it plays on; and one that broke is loaded anew at the place where it stood.
 * @returns how to stop
 */
export function keepNativePlaying(
  element: HlsVideo,
  session: PlaybackSession,
  newestUrl: () => string,
): () => void {
  const abort = new AbortController()
  const { signal } = abort
  let mending = false

  const renewFirst = async () => {
    if (!session.lapsed) return
    element.pause()
    await session.renew()
    if (!signal.aborted && !session.lapsed) await element.play().catch(() => {})
  }

  const mend = async () => {
    if (mending) return
    mending = true
    const at = element.currentTime
    const wasPlaying = !element.paused
    await session.refused()
    if (signal.aborted) return
    element.src = newestUrl()
    element.addEventListener(
      'loadedmetadata',
      () => {
        element.currentTime = at
        if (wasPlaying) void element.play().catch(() => {})
      },
      { once: true, signal },
    )
    setTimeout(() => {
      mending = false
    }, AGAIN_MS)
  }

  element.addEventListener('play', () => void renewFirst(), { signal })
  element.addEventListener('error', () => void mend(), { signal })
  return () => abort.abort()
}

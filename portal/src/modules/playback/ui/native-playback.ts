import type { PlaybackSession } from './playback-session.ts'
import type { HlsVideo } from './player-watch.ts'

const AGAIN_MS = 1000
/** Loads in a row that may fail though the view is alive, a second to four apart. */
const MOST_LOADS = 3
/** A picture that has moved on by this many seconds plays again. */
const MOVED_SECONDS = 1

/**
 * Where the browser plays HLS by itself, it reads the playlists once and asks for segments under the URLs that it
 * found: the engine's session keeps them alive. It does not ask again for what was refused, so a view whose token
 * ended while it was paused renews before it plays on; and one that broke is loaded anew at the place where it stood,
 * as soon as the session has a token and a line. `onBroken` is called where nothing more can be done here.
 * @returns how to stop
 */
export function keepNativePlaying(
  element: HlsVideo,
  session: PlaybackSession,
  newestUrl: () => string,
  onBroken: () => void,
): () => void {
  const abort = new AbortController()
  const { signal } = abort
  /** Where it stood when it broke; null while it plays. */
  let broke: { at: number; playing: boolean } | null = null
  let loads = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  const renewFirst = async () => {
    if (broke) broke.playing = true
    if (!session.lapsed) return
    element.pause()
    await session.renew()
    if (!signal.aborted && !session.lapsed) await element.play().catch(() => {})
  }

  const loadIn = (ms: number) => {
    clearTimeout(timer)
    timer = setTimeout(() => void load(), ms)
  }
  const load = async () => {
    await session.refused()
    if (signal.aborted) return
    if (session.failing) return loadIn(AGAIN_MS)
    if (loads >= MOST_LOADS) return onBroken()
    loads += 1
    element.src = newestUrl()
  }
  const note = () => {
    broke ??= { at: element.currentTime, playing: !element.paused }
    loadIn(AGAIN_MS * 2 ** loads)
  }
  const goBack = () => {
    if (!broke) return
    element.currentTime = broke.at
    if (broke.playing) void element.play().catch(() => {})
  }
  const moved = () => {
    if (!broke || element.currentTime < broke.at + MOVED_SECONDS) return
    broke = null
    loads = 0
  }

  element.addEventListener('play', () => void renewFirst(), { signal })
  element.addEventListener('error', note, { signal })
  element.addEventListener('loadedmetadata', goBack, { signal })
  element.addEventListener('timeupdate', moved, { signal })
  return () => {
    abort.abort()
    clearTimeout(timer)
  }
}

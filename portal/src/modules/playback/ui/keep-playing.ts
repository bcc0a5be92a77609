import { hlsConfig } from './hls-config.ts'
import { keepNativePlaying } from './native-playback.ts'
import { type EndReason, type Grant, type Issued, PlaybackSession } from './playback-session.ts'
import { goBlack, type HlsVideo, learnPlaylists, watchOver } from './player-watch.ts'
import { RenewedUrls } from './renewed-urls.ts'
import { askWhyStopped, listenForStop } from './stop-events.ts'

const EXTEND_MS = 15_000
const UNPLAYABLE = 'This browser cannot play the video. Try another browser, or reload the page.'

export type KeepPlaying = {
  issue: () => Promise<Issued>
  /** server-sent events that can stop this view; none for one's own videos */
  eventsUrl?: string
  /** called when nothing can be seen any more; `elapsedMs` since the reason was known here */
  onEnd: (reason: EndReason, elapsedMs: number) => void
  onRenewed: (grant: Grant) => void
  onBroken: (sentence: string) => void
}

/**
 * Plays a grant in the element and keeps it playing: renewals, sleep, dead lines, moved URLs, the server's word.
 * @returns how to stop
 */
export function keepPlaying(element: HlsVideo, first: Issued, options: KeepPlaying): () => void {
  const { eventsUrl } = options
  const urls = new RenewedUrls(new URL(first.grant.playbackUrl, location.href).href)
  const session = new PlaybackSession({
    issue: options.issue,
    extend: (url) => extend(url, urls),
    onRenewed: options.onRenewed,
    onEnd(reason) {
      const known = performance.now()
      stopListening()
      goBlack(element)
      const elapsedMs = performance.now() - known
      if (reason !== 'refused' || !eventsUrl) return options.onEnd(reason, elapsedMs)
      void askWhyStopped(eventsUrl).then((why) => options.onEnd(why, elapsedMs))
    },
  })
  const stopListening = eventsUrl
    ? listenForStop(
        eventsUrl,
        (reason) => session.end(reason),
        () => void session.renew(),
      )
    : () => {}
  const broken = () => options.onBroken(UNPLAYABLE)
  let mounted = true
  element.config = hlsConfig(urls)
  element.src = new URL(first.grant.playbackUrl, location.href).href
  session.start(first)
  const stopFollowing = followElement(element, session)
  let stopNative = () => {}
  void apiOf(element, () => mounted).then((hls) => {
    if (hls) {
      learnPlaylists(hls, urls)
      watchOver(hls, session, broken)
    } else if (mounted) stopNative = keepNativePlaying(element, session, () => urls.newest, broken)
  })
  return () => {
    mounted = false
    stopListening()
    stopFollowing()
    stopNative()
    session.stop()
    element.removeAttribute('src')
  }
}

/** Asks for the renewed master playlist: that extends the engine's session, and says where media lies from now on. */
async function extend(playbackUrl: string, urls: RenewedUrls): Promise<number> {
  try {
    const answer = await fetch(playbackUrl, {
      cache: 'no-store',
      referrerPolicy: 'no-referrer',
      signal: AbortSignal.timeout(EXTEND_MS),
    })
    if (answer.ok) urls.renewed(new URL(playbackUrl, location.href).href, answer.url, await answer.text())
    else await answer.body?.cancel()
    return answer.status
  } catch {
    return 0
  }
}

/** What the element does tells the session that time has passed, and whether anybody watches. */
function followElement(element: HlsVideo, session: PlaybackSession): () => void {
  const abort = new AbortController()
  const { signal } = abort
  const rest = () => session.rest(element.paused && document.visibilityState === 'hidden')
  for (const name of ['timeupdate', 'seeking', 'waiting', 'play']) {
    element.addEventListener(name, () => session.poke(), { signal })
  }
  for (const name of ['play', 'pause']) element.addEventListener(name, rest, { signal })
  document.addEventListener('visibilitychange', rest, { signal })
  return () => abort.abort()
}

/** hls.js is made a microtask after `src` is set; null where the browser plays HLS by itself. */
async function apiOf(element: HlsVideo, wanted: () => boolean) {
  for (let turn = 0; turn < 20 && wanted() && !element.api; turn += 1) await Promise.resolve()
  return element.api
}

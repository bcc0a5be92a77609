import Hls, { type ErrorData } from 'hls.js/dist/hls.mjs'
import type { PlaybackSession } from './playback-session.ts'
import type { RenewedUrls } from './renewed-urls.ts'

export type HlsVideo = HTMLVideoElement & { api: Hls | null; config: unknown; src: string }

const REFUSALS = [401, 403, 404, 410]
const MEDIA_REPAIRS = 3

/**
 * Joins hls.js to the playback session: a refused segment asks the session, a fatal network error starts loading
 * again, a broken buffer is repaired a few times. `onBroken` is called where nothing more can be done here.
 */
export function watchOver(hls: Hls, session: PlaybackSession, onBroken: () => void): void {
  let repairs = 0
  hls.on(Hls.Events.ERROR, (_event: string, data: ErrorData) => {
    if (data.type === Hls.ErrorTypes.NETWORK_ERROR) {
      if (REFUSALS.includes(data.response?.code ?? 0)) void session.refused()
      if (data.fatal) setTimeout(() => hls.media && hls.startLoad(), 1000)
      return
    }
    if (!data.fatal) return
    if (data.type === Hls.ErrorTypes.MEDIA_ERROR && repairs < MEDIA_REPAIRS) {
      repairs += 1
      hls.recoverMediaError()
      return
    }
    onBroken()
  })
}

/** Tells `urls` of every playlist that hls.js loads. */
export function learnPlaylists(hls: Hls, urls: RenewedUrls): void {
  const learn = (url: string, details: unknown) => {
    if (details instanceof XMLHttpRequest && details.responseType === 'text') {
      urls.learn(url, details.responseURL, details.responseText)
    }
  }
  const { MANIFEST_LOADED, LEVEL_LOADED, AUDIO_TRACK_LOADED, SUBTITLE_TRACK_LOADED } = Hls.Events
  hls.on(MANIFEST_LOADED, (_event, { networkDetails }) => learn(hls.url ?? '', networkDetails))
  hls.on(LEVEL_LOADED, (_event, { levelInfo, networkDetails }) => learn(levelInfo.uri, networkDetails))
  hls.on(AUDIO_TRACK_LOADED, (_event, { track, networkDetails }) => learn(track.url, networkDetails))
  hls.on(SUBTITLE_TRACK_LOADED, (_event, { track, networkDetails }) => learn(track.url, networkDetails))
}

/** Black at once: no picture, no sound, no buffer, no way back by the controls. */
export function goBlack(video: HlsVideo): void {
  video.pause()
  video.api?.destroy()
  video.api = null
  video.removeAttribute('src')
  const inner = video.shadowRoot?.querySelector('video')
  inner?.removeAttribute('src')
  for (const source of inner?.querySelectorAll('source') ?? []) source.remove()
  inner?.load()
  if (document.fullscreenElement) void document.exitFullscreen().catch(() => {})
  if (document.pictureInPictureElement) void document.exitPictureInPicture().catch(() => {})
  video.remove()
}

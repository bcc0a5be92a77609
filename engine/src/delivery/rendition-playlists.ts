import { PlaybackError } from '#engine/delivery/answers.ts'
import type { Catalogue, Playable } from '#engine/delivery/catalogue.ts'
import { type Clip, type SegmentWindow, segmentsWithin } from '#engine/delivery/clip.ts'
import { createFreshCache } from '#engine/delivery/fresh-cache.ts'
import { eventPlaylist, iframePlaylist, vodPlaylist } from '#engine/delivery/media-playlists.ts'
import type { PlaylistView } from '#engine/delivery/playback-route.ts'
import type { RenditionResult } from '#engine/media/ingest-context.ts'
import { INTERIM } from '#engine/media/plan.ts'

/** A finished rendition never changes; what its asset's deletion means is decided by the session. */
const FINISHED_FRESH_MS = 60_000
const GROWING_FRESH_MS = 500
const MOST_TEXTS = 300
const MOST_WINDOWS = 10_000

export type RenditionPlaylists = ReturnType<typeof createRenditionPlaylists>

/** The playlists of renditions, and which of their segments a clip lets through. */
export function createRenditionPlaylists(catalogue: Catalogue) {
  const finished = createFreshCache<string>(FINISHED_FRESH_MS, MOST_TEXTS)
  const growing = createFreshCache<string>(GROWING_FRESH_MS, MOST_TEXTS)
  const windows = createFreshCache<SegmentWindow>(GROWING_FRESH_MS, MOST_WINDOWS)

  /** Sound is cut where the picture is, so that both begin together whatever the lengths of their segments. */
  async function cut(playable: Playable, rendition: RenditionResult, clip: Clip | null) {
    if (clip === null) return segmentsWithin(rendition.segments, null)
    const reference = referenceOf(playable)
    if (rendition.kind === 'video' || !reference) return segmentsWithin(rendition.segments, clip)
    const picture = await catalogue.rendition(playable.assetId, reference)
    const shown = picture && segmentsWithin(picture.segments, clip)
    if (!shown || shown.last < shown.first) return segmentsWithin(rendition.segments, clip)
    return segmentsWithin(rendition.segments, [shown.startSeconds, shown.endSeconds])
  }

  async function write(playable: Playable, name: string, view: PlaylistView, clip: Clip | null) {
    const rendition = await catalogue.rendition(playable.assetId, name)
    // What stopped growing with its ingest would be waited for in vain.
    if (!rendition || (rendition.growing && !playable.ready)) return null
    const window = await cut(playable, rendition, clip)
    if (window.last < window.first) return null
    const { segments } = rendition
    const startOffset = Math.max(0, (clip?.[0] ?? 0) - window.startSeconds)
    if (view === 'iframes') {
      const known = rendition.iframes.length > 0 && !rendition.growing
      return known ? iframePlaylist(rendition.iframes, window) : null
    }
    // A clip that is whole does not wait for the rest.
    const more = rendition.growing && (clip === null || window.endSeconds < clip[1])
    if (view === 'event' || more) return eventPlaylist({ segments, window, startOffset }, more)
    return vodPlaylist(name, { segments, window, startOffset })
  }

  return {
    /** The text of a playlist and whether it will change. Throws 404 where there is none. */
    async read(playable: Playable, name: string, view: PlaylistView, clip: Clip | null) {
      const known = playable.renditions.find((rendition) => rendition.name === name)
      const changing = known?.growing ?? true
      const key = `${playable.playbackId}/${name}/${view}/${clip ?? ''}`
      const text = await (changing ? growing : finished).get(key, () => write(playable, name, view, clip))
      if (text === null) throw new PlaybackError(404)
      return { text, changing }
    },

    /** Throws 403 for a segment outside the clip; a rendition's initialisation shows nothing of the film. */
    async assertWithin(playable: Playable, name: string, file: string, clip: Clip): Promise<void> {
      if (file === 'init.mp4') return
      const window = await windows.get(`${playable.playbackId}/${name}/${clip}`, async () => {
        const rendition = await catalogue.rendition(playable.assetId, name)
        return rendition && (await cut(playable, rendition, clip))
      })
      if (!window) throw new PlaybackError(404)
      const index = Number.parseInt(file, 10)
      if (index < window.first || index > window.last) throw new PlaybackError(403)
    },

    /** The part of the film that a clip's segments show; all of it without one. */
    async shown(playable: Playable, clip: Clip | null): Promise<Clip> {
      const name = clip && (referenceOf(playable) ?? playable.renditions[0]?.name)
      const rendition = name ? await catalogue.rendition(playable.assetId, name) : null
      const window = rendition && segmentsWithin(rendition.segments, clip)
      const found = window && window.last >= window.first
      return found ? [window.startSeconds, window.endSeconds] : (clip ?? [0, playable.durationSeconds])
    },

    forget(playbackId: string) {
      for (const cache of [finished, growing, windows])
        cache.forget((name) => playbackId === '*' || name.startsWith(`${playbackId}/`))
    },
  }
}

/** The picture that decides where a clip is cut. */
function referenceOf(playable: Playable): string | null {
  const videos = playable.renditions.filter(({ kind }) => kind === 'video')
  return (videos.find(({ name }) => !INTERIM.has(name)) ?? videos[0])?.name ?? null
}

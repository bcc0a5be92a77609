import { type MadeTrack, makeTracks, type TrackRun } from '#engine/media/make-tracks.ts'
import { MediaError } from '#engine/media/media-error.ts'
import type { MediaInfo } from '#engine/media/media-info.ts'
import { explain } from '#engine/media/probe.ts'

export type AddedAudio = {
  /** Name of the rendition. */
  name: string
  /** Storage key prefix, ends in '/'. */
  folder: string
  language: string | null
  /** Seconds of the video that it goes with. */
  durationSeconds: number
}

/**
 * Makes a file's sound a rendition beside the ones of a video: stereo AAC on the shared timeline, both beginning
 * together, cut or filled with silence to the video's length, so that players switch anywhere without a gap.
 */
export async function addAudio(
  run: Omit<TrackRun, 'graph' | 'outputs' | 'niceness'>,
  info: MediaInfo,
  target: AddedAudio,
): Promise<MadeTrack> {
  const { audio } = info
  if (!audio) throw new MediaError('no_tracks', 'This file has no sound.')
  const end = target.durationSeconds.toFixed(3)
  const filter = `aresample=48000:async=1:first_pts=0,apad=whole_dur=${end},atrim=end=${end}`
  const output = {
    name: target.name,
    kind: 'audio' as const,
    args: ['-map', `0:${audio.index}`, '-af', filter, '-ac', '2', '-c:a', 'aac', '-b:a', '128k'],
    channels: 2,
    language: target.language,
    folder: target.folder,
  }
  const { tracks } = await makeTracks({ ...run, niceness: 10, graph: [], outputs: [output] }).catch(
    (error) => {
      throw explain(error)
    },
  )
  if (!tracks[0]) throw new MediaError('damaged', 'The sound in this file is damaged and cannot be read.')
  return tracks[0]
}

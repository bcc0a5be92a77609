import { inspectFile } from '#engine/media/inspect-file.ts'
import { DAMAGED, isMediaError, MediaError, NOT_MEDIA, TRUNCATED } from '#engine/media/media-error.ts'
import { readBounded } from '#engine/media/read-bounded.ts'
import { type MediaInfo, readProbe } from '#engine/media/read-probe.ts'
import { FfmpegFailure, runFfmpeg, SAFE_INPUT } from '#engine/media/run-ffmpeg.ts'

export type { MediaInfo }

export type ProbeOptions = {
  ffprobePath: string
  ffmpegPath: string
  signal: AbortSignal
  maxDurationSeconds: number
}

const PROBE_DEADLINE_MS = 60_000
/** Of a file with a thousand streams, too; labels are as long as whoever made the file likes. */
const MOST_SAID_BYTES = 16 * 1024 ** 2
const PACKETS_READ = 48
const PACKETS_TO_A_KEYFRAME = 1500

/**
 * Reads what a file holds. Throws MediaError with a sentence for people when it holds nothing playable,
 * ends in the middle, is too long, or is a playlist or script in disguise.
 */
export async function probe(path: string, options: ProbeOptions): Promise<MediaInfo> {
  await inspectFile(path)
  const probed = await readStreams(path, options)
  const info = {
    ...probed,
    durationSeconds: probed.durationSeconds ?? (await measureDuration(path, options)),
  }
  if (info.durationSeconds > options.maxDurationSeconds) {
    const [is, limit] = [info.durationSeconds, options.maxDurationSeconds].map(spoken)
    throw new MediaError('too_long', `This video is ${is} long. The limit is ${limit}.`)
  }
  return info
}

async function readStreams(path: string, options: ProbeOptions) {
  const { json, complaints } = await runProbe(path, options, PACKETS_READ)
  try {
    const probed = readProbe(json)
    if (!probed.video?.hiddenStart) return probed
    // The first keyframe may lie seconds away.
    return readProbe((await runProbe(path, options, PACKETS_TO_A_KEYFRAME)).json)
  } catch (error) {
    throw isMediaError(error) && error.code === 'damaged' ? (tooLarge(complaints) ?? error) : error
  }
}

/** ffmpeg refuses a picture by its size before it tells what it is. */
function tooLarge(words: string): MediaError | null {
  const [, width, height] = /picture size (\d+)x(\d+) (?:is invalid|exceeds)/i.exec(words) ?? []
  return width && height
    ? new MediaError('hostile', `A picture of ${width} × ${height} is larger than can be processed.`, words)
    : null
}

async function runProbe(
  path: string,
  options: ProbeOptions,
  packets: number,
): Promise<{ json: unknown; complaints: string }> {
  let json = Buffer.alloc(0)
  const args = [
    ...['-v', 'error', ...SAFE_INPUT, '-of', 'json', '-show_format', '-show_streams', '-show_packets'],
    ...['-read_intervals', `%+#${packets}`, `file:${path}`],
  ]
  try {
    const complaints = await runFfmpeg({
      command: options.ffprobePath,
      args,
      signal: options.signal,
      deadlineMs: PROBE_DEADLINE_MS,
      niceness: 0,
      stdout: async (stream) => {
        json = await readBounded(stream, MOST_SAID_BYTES)
      },
    })
    return { json: JSON.parse(json.toString('utf8')), complaints }
  } catch (error) {
    throw explain(error)
  }
}

/** Turns ffmpeg's last words into a sentence; passes on what is not about the file. */
export function explain(error: unknown): unknown {
  if (isMediaError(error) || !(error instanceof FfmpegFailure)) return error
  const words = error.stderr
  // Ended from outside: by a person, or by the system when it ran out of memory.
  if (error.signal && ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP'].includes(error.signal)) return error
  const size = tooLarge(words)
  if (size) return size
  if (/: end of file$/im.test(words)) return new MediaError('truncated', TRUNCATED, words)
  // An MP4 without its index was found before: by now it only bears the name.
  const unknown = /moov atom not found|not on whitelist/i.test(words)
  const invalid = /invalid data found when processing input$/im.test(words) && !/stream #/i.test(words)
  if (unknown || invalid) return new MediaError('not_media', NOT_MEDIA, words)
  return new MediaError('damaged', DAMAGED, words)
}

/** Files of live recorders carry no duration: reading all packets, without decoding, tells it. */
async function measureDuration(path: string, options: ProbeOptions): Promise<number> {
  let seconds = 0
  const args = ['-v', 'error', '-nostdin', ...SAFE_INPUT, '-i', `file:${path}`, '-c', 'copy', '-f', 'null']
  await runFfmpeg({
    command: options.ffmpegPath,
    args: [...args, '-progress', 'pipe:1', '-'],
    signal: options.signal,
    deadlineMs: 10 * PROBE_DEADLINE_MS,
    niceness: 5,
    onProgress: (progress) => {
      seconds = progress.seconds
    },
  }).catch((error) => {
    throw explain(error)
  })
  if (seconds <= 0) throw new MediaError('no_tracks', 'This file has neither picture nor sound.')
  return seconds
}

function spoken(seconds: number): string {
  const minutes = Math.round(seconds / 60)
  if (minutes < 1) return `${Math.round(seconds)} s`
  const [h, min] = [Math.floor(minutes / 60), minutes % 60]
  return [h && `${h} h`, min && `${min} min`].filter(Boolean).join(' ')
}

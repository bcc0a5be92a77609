import { MOST_CAPTION_BYTES } from '#engine/media/captions/read-captions.ts'
import type { SubtitleInfo } from '#engine/media/media-info.ts'
import { readBounded } from '#engine/media/read-bounded.ts'
import { runFfmpeg, SAFE_SOURCE } from '#engine/media/run-ffmpeg.ts'

/** Streams taken out in one pass; more are left out. */
export const MOST_TEXT_STREAMS = 32
const STALL_MS = 180_000

export type TextSource = {
  ffmpegPath: string
  /** Absolute path of the file that holds the streams. */
  sourcePath: string
  signal: AbortSignal
  deadlineMs: number
}

/**
 * The text streams of a file as WebVTT or SubRip, in the order given, in one pass over it. Times count from the file's
 * start, as those of its renditions do. A stream that can't be read fails the pass: then take them one by one.
 */
export async function extractText(source: TextSource, streams: SubtitleInfo[]): Promise<Buffer[]> {
  const texts: Buffer[] = streams.map(() => Buffer.alloc(0))
  await runFfmpeg({
    command: source.ffmpegPath,
    args: [
      ...['-v', 'error', '-nostdin', '-y', ...SAFE_SOURCE, '-i', `file:${source.sourcePath}`],
      ...streams.flatMap((stream, index) => [
        ...['-map', `0:${stream.index}`, ...formatOf(stream), '-fs', String(MOST_CAPTION_BYTES)],
        // Each cue at once: a pipe that waits for a block would look like a run that stands still.
        ...['-flush_packets', '1', `pipe:${3 + index}`],
      ]),
      ...['-progress', 'pipe:1'],
    ],
    signal: source.signal,
    deadlineMs: source.deadlineMs,
    stallMs: STALL_MS,
    niceness: 10,
    outputs: streams.map((_, index) => async (stream) => {
      // ffmpeg looks at its bound between two cues, however long one is.
      texts[index] = await readBounded(stream, 2 * MOST_CAPTION_BYTES)
    }),
  })
  return texts.map((text, index) => (streams[index]!.codec === 'eia_608' ? unplaced(text) : text))
}

/** ffmpeg anchors closed captions (CEA-608) at the top left and drops where that is: without it they stand below. */
const unplaced = (srt: Buffer) => Buffer.from(srt.toString('utf8').replaceAll('{\\an7}', ''))

// WebVTT keeps its own settings; through SubRip the others keep italics and places, which their own readers drop.
function formatOf({ codec }: SubtitleInfo): string[] {
  return codec === 'webvtt' ? ['-c:s', 'copy', '-f', 'webvtt'] : ['-c:s', 'subrip', '-f', 'srt']
}

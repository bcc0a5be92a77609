import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { downloadRendition, readMaster } from '../support/hls-reader.ts'
import { type Decoded, decode } from '../support/media-clips.ts'

/** At most so far apart: pictures, and seconds between the first and the last of them. */
const FRAMES_APART = 1
const SECONDS_APART = 0.05

export type Comparison = { ok: boolean; says: string }

/**
 * Decodes what the playlists give and what was sent, picture by picture. Rule: at most one picture more or less, and
 * the time from the first to the last picture within 50 ms; without pictures, the same time of the sound.
 * A picture rate that the ladder caps scales the wanted count.
 */
export async function compareMedia(source: string, playbackUrl: string): Promise<Comparison> {
  const folder = await mkdtemp('/tmp/mm-compare-')
  try {
    const master = await readMaster(playbackUrl)
    const best = master.video[0]
    const file = join(folder, 'delivered.mp4')
    const url = best?.url ?? master.audio[0]
    if (!url) return { ok: false, says: 'the playlist offers nothing' }
    await downloadRendition(url, file)
    const kind = best ? 'v' : 'a'
    return judge(await decode(source, kind), await decode(file, kind), best?.frameRate ?? 0)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function judge(source: Decoded, delivered: Decoded, deliveredRate: number): Comparison {
  const [sent, got] = [spanOf(source), spanOf(delivered)]
  const sentRate = source.frames > 1 ? (source.frames - 1) / sent : 0
  const capped = deliveredRate > 0 && sentRate > deliveredRate * 1.5
  const wanted = capped ? Math.round((source.frames * deliveredRate) / sentRate) : source.frames
  const sound = deliveredRate === 0
  const framesOk = sound || Math.abs(delivered.frames - wanted) <= FRAMES_APART
  const apart = Math.abs(got - sent)
  return {
    ok: framesOk && apart <= SECONDS_APART + (capped ? 1 / deliveredRate : 0) && delivered.frames > 0,
    says: sound
      ? `${got.toFixed(3)} s of sound, ${sent.toFixed(3)} s sent`
      : `${delivered.frames} pictures over ${got.toFixed(3)} s, ${wanted} over ${sent.toFixed(3)} s sent`,
  }
}

const spanOf = (decoded: Decoded) => decoded.last - decoded.first

/** Whether ffmpeg itself reads a file from end to end without a complaint. */
export async function isSound(file: string): Promise<boolean> {
  const ffmpeg = process.env.FFMPEG_PATH ?? 'ffmpeg'
  const args = ['-v', 'error', '-nostdin', '-i', file, '-f', 'null', '-']
  return await promisify(execFile)(ffmpeg, args).then(
    ({ stderr }) => stderr.trim() === '',
    () => false,
  )
}

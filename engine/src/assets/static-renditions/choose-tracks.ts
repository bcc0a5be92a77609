import type { Mp4Support } from '#engine/assets/asset-settings.ts'

/** A rendition of the ladder, as far as the choice goes. */
export type Candidate = {
  name: string
  kind: 'video' | 'audio'
  width: number | null
  height: number | null
}

export type Choice =
  | { kind: 'skip'; reason: string }
  /** Renditions to put together, picture first. */
  | { kind: 'tracks'; names: string[] }
  /** No rung has this size: it is encoded. */
  | { kind: 'encode'; width: number; height: number }

const NEAR = 0.02
const AT_MOST: Record<string, number> = {
  highest: Infinity,
  'mp4:capped-1080p': 1080,
  'mp4:high': 1080,
  'mp4:medium': 720,
  'mp4:low': 480,
}

/** Lines of the 16:9 frame, upright or not, that just holds a picture: 1920 × 800 counts as 1080. */
export function linesOf({ width, height }: { width: number; height: number }): number {
  return Math.max(Math.min(width, height), (Math.max(width, height) * 9) / 16)
}

/**
 * What a static rendition is made of. `source` is the picture as shown, null without one; `maxLines` the most that the
 * asset's tier stores. Nothing is scaled up: what would have to be is skipped.
 */
export function chooseTracks(
  resolution: string,
  candidates: Candidate[],
  source: { width: number; height: number } | null,
  maxLines: number,
): Choice {
  const sound = ['audio', 'source-audio']
    .filter((name) => candidates.some((each) => each.name === name))
    .slice(0, 1)
  if (resolution.endsWith('audio-only')) {
    return sound.length > 0 ? tracks(sound) : { kind: 'skip', reason: 'The asset has no sound.' }
  }
  const rungs = ladderOf(candidates)
  if (!source || rungs.length === 0) return { kind: 'skip', reason: 'The asset has no picture.' }
  const most = AT_MOST[resolution]
  if (most !== undefined) {
    const rung = rungs.find((each) => linesOf(each) <= most * (1 + NEAR)) ?? rungs.at(-1)!
    return tracks([rung.name, ...sound])
  }
  const lines = Number.parseInt(resolution, 10)
  const stored = Math.min(linesOf(source), maxLines)
  if (stored < lines * (1 - NEAR)) {
    return {
      kind: 'skip',
      reason: `The asset has ${Math.round(stored)} lines: ${resolution} would be scaled up.`,
    }
  }
  const rung = rungs.find((each) => Math.abs(linesOf(each) - lines) <= lines * NEAR)
  return rung ? tracks([rung.name, ...sound]) : { kind: 'encode', ...scaled(source, lines) }
}

const tracks = (names: string[]): Choice => ({ kind: 'tracks', names })

/** Pictures, tallest first; what only bridges the wait for the ladder counts where there is nothing else. */
function ladderOf(candidates: Candidate[]): { name: string; width: number; height: number }[] {
  const videos = candidates.filter(({ kind }) => kind === 'video')
  const lasting = videos.filter(({ name }) => name !== 'source')
  return (lasting.length > 0 ? lasting : videos)
    .map(({ name, width, height }) => ({ name, width: width!, height: height! }))
    .toSorted((a, b) => b.width * b.height - a.width * a.height)
}

function scaled(source: { width: number; height: number }, lines: number): { width: number; height: number } {
  const factor = lines / linesOf(source)
  const even = (side: number) => Math.max(2, Math.round((side * factor) / 2) * 2)
  return { width: even(source.width), height: even(source.height) }
}

/** Files that an older `mp4_support` means for a source, as resolutions of rows. */
export function legacyResolutions(
  support: Mp4Support,
  source: { width: number; height: number } | null,
  hasSound: boolean,
): string[] {
  if (!source) return ['mp4:audio-only']
  const lines = linesOf(source) * (1 + NEAR)
  switch (support) {
    case 'standard':
      return ['mp4:low', ...(lines >= 720 ? ['mp4:medium'] : []), ...(lines >= 1080 ? ['mp4:high'] : [])]
    case 'audio-only,capped-1080p':
      return ['mp4:capped-1080p', ...(hasSound ? ['mp4:audio-only'] : [])]
    default:
      return [`mp4:${support}`]
  }
}

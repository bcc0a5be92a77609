/** One line of the corpus run. Null is what does not apply, as pictures of a file with sound alone. */
export type CorpusResult = {
  file: string
  outcome: 'ready' | 'errored'
  reason: string | null
  playableMs: number | null
  ladderMs: number | null
  durationDriftMs: number | null
  frameDrift: number | null
  avOffsetMs: number | null
  ssim: number | null
  playlistWarnings: number
  /** What is not as it has to be; empty if all is well. */
  faults: string[]
}

/** Lip sync: ITU-R BT.1359 puts the threshold of notice at 45 ms; the engine has to stay under it. */
const MOST_OFFSET_MS = 40
const MOST_DRIFT_MS = 100
/** Structural likeness of pictures that went through one encode at a sane rate lies above 0.95. */
const LEAST_SSIM = 0.9

type Facts = Omit<CorpusResult, 'faults'>
type Source = { constantRate: boolean; frameSeconds: number }

/** What of a file's outcome breaks a bound. `expected` is known for files that the command made itself. */
export function faultsOf(result: Facts, source: Source | null, expected?: string): string[] {
  const faults: string[] = []
  if (expected && expected !== result.outcome) faults.push(`should be ${expected}`)
  if (result.outcome === 'errored') return result.reason ? faults : [...faults, 'no reason']
  if (result.reason) faults.push(result.reason)
  const { durationDriftMs, frameDrift, avOffsetMs, ssim, playlistWarnings } = result
  const drift = Math.max(MOST_DRIFT_MS, (source?.frameSeconds ?? 0) * 1000 + 1)
  if (durationDriftMs !== null && Math.abs(durationDriftMs) > drift) faults.push('duration')
  if (source?.constantRate && frameDrift) faults.push('frames')
  if (avOffsetMs !== null && Math.abs(avOffsetMs) > MOST_OFFSET_MS) faults.push('A/V')
  if (ssim !== null && !(ssim >= LEAST_SSIM)) faults.push('likeness')
  if (playlistWarnings > 0) faults.push('playlists')
  return faults
}

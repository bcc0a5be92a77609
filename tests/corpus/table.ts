import type { CorpusResult } from './judge.ts'

export const HEADINGS = `${'file'.padEnd(34)} outcome  playable   ladder  duration frames   A/V ms   SSIM  warnings`
export function tableLine(result: CorpusResult): string {
  const { file, outcome, playableMs, ladderMs, durationDriftMs, frameDrift, avOffsetMs, ssim } = result
  const cell = (value: number | null, width: number, unit = '') =>
    (value === null ? '—' : `${value}${unit}`).padStart(width)
  const cells = [
    file.padEnd(34),
    outcome.padEnd(8),
    cell(playableMs, 8),
    cell(ladderMs, 8),
    cell(durationDriftMs, 9),
    cell(frameDrift, 6),
    cell(avOffsetMs, 8),
    cell(ssim, 6),
    cell(result.playlistWarnings, 9),
  ]
  const words = [result.faults.length ? `FAULT: ${result.faults.join(', ')}.` : '', result.reason ?? '']
  return `${cells.join(' ')}  ${words.filter(Boolean).join(' ')}`.trimEnd()
}

import type { Needs } from '#engine/media/complexity.ts'
import type { RenditionResult } from '#engine/media/ingest-context.ts'
import type { Rung } from '#engine/media/plan.ts'

// A rung below must save this much, or whoever plays it could as well play the one above.
const WORTHWHILE = 0.7
/** Bits a second that any line carries which carries video at all: nothing below is made. */
const ANY_LINE = 200_000
// Scenes that no sample fell into may need more than any that one did.
const SPARE = 2
const LOWEST_CAP = 0.3

/**
 * Fits a ladder to its film. A cap comes down to what the film needs with room to spare, so that no single scene
 * costs what others show; rungs that would save next to nothing against the one above are left out. The tallest rung
 * and what is finished stay. `ladder` and the result go from the tallest to the smallest.
 */
export function fitLadder(ladder: Rung[], needs: Needs | null, finished: RenditionResult[]): Rung[] {
  if (!needs) return ladder
  const kept: Rung[] = []
  let above = Number.POSITIVE_INFINITY
  for (const rung of ladder) {
    const known = finished.find((rendition) => rendition.name === rung.name)
    const need = needs.get(rung.name)
    const measured = known?.growing ? undefined : known?.averageBandwidth
    const rate = measured ?? Math.min(need?.mean ?? rung.maxBitRate, rung.maxBitRate)
    const pays = rate <= above * WORTHWHILE && above > ANY_LINE
    if (!known && !pays) continue
    kept.push({ ...rung, maxBitRate: need ? capFor(rung, need.peak) : rung.maxBitRate })
    above = rate
  }
  return kept
}

function capFor(rung: Rung, peak: number): number {
  const wanted = Math.max(peak * SPARE, rung.maxBitRate * LOWEST_CAP)
  return Math.round(Math.min(rung.maxBitRate, wanted) / 1000) * 1000
}

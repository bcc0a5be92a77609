/** One counted use. The key is made of keyed hashes and IDs, never of raw addresses. */
export type LimitUse = {
  key: string
  /** Whole units; at most `burst`. 0 only looks: it is always admitted, and nobody owes more for it. */
  cost: number
  /** Most units at once. */
  burst: number
  /** Whole microseconds in which one unit comes back. */
  emissionUs: number
}

/** Where a key stands after a use was judged. */
export type LimitStanding = {
  /** Whole units that could be used at once. */
  remaining: number
  /** Until this very use would be admitted; 0 where it was or would be. */
  retryUs: number
  /** Until nothing is owed any more and the whole burst is there again. */
  fullUs: number
}

export type LimitVerdict = {
  admitted: boolean
  /** When it was judged, by the one clock of the store. */
  atUs: number
  /** One a use, in their order. */
  standings: LimitStanding[]
}

/**
 * Counts uses by GCRA: over any span t, admitted units of a key never exceed burst + t / emission. All of the uses or
 * none are counted. Throws where the store fails or is too slow, so that the caller decides what that means.
 */
export type LimitsPort = {
  take(uses: readonly LimitUse[]): Promise<LimitVerdict>
  stop(): Promise<void>
}

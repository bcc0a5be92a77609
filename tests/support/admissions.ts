type Admission = { atUs: number; cost: number }

/** What a store admitted of one key, held against burst + t / emission over every span of time. */
export class Admissions {
  readonly #burst: number
  readonly #emissionUs: number
  readonly #all: Admission[] = []

  constructor({ burst, emissionUs }: { burst: number; emissionUs: number }) {
    this.#burst = burst
    this.#emissionUs = emissionUs
  }

  /** @param atUs by the store's own clock */
  add(atUs: number, cost: number): void {
    this.#all.push({ atUs, cost })
  }

  get count(): number {
    return this.#all.length
  }

  /**
   * By how many units the worst span goes beyond what may be admitted; at most 0 where the limit held. Written from the
   * definition, not from the algorithm: the sum over each span from one admission to another, in one pass.
   */
  excess(): number {
    const sorted = this.#all.toSorted((a, b) => a.atUs - b.atUs)
    const began = sorted[0]?.atUs ?? 0
    let [sum, least, worst] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
    for (const { atUs, cost } of sorted) {
      const returned = (atUs - began) / this.#emissionUs
      least = Math.min(least, sum - returned)
      sum += cost
      worst = Math.max(worst, sum - returned - least - this.#burst)
    }
    return sorted.length === 0 ? 0 : Math.round(worst * 1e6) / 1e6
  }
}

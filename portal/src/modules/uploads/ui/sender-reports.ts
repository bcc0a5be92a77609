const EVERY_MS = 4000

/** Tells the server now and then how much it has, and hears whether this tab is still the one that sends. */
export class SenderReports {
  readonly #report: (receivedBytes: number) => Promise<boolean>
  readonly #onTakenOver: () => void
  readonly #now: () => number
  #told = -1
  #toldAt = Number.NEGATIVE_INFINITY
  #busy = false

  constructor(
    report: (receivedBytes: number) => Promise<boolean>,
    onTakenOver: () => void,
    now = () => Date.now(),
  ) {
    this.#report = report
    this.#onTakenOver = onTakenOver
    this.#now = now
  }

  /** Called with every progress; most calls do nothing. A report that fails is nothing: the next one says more. */
  note(acknowledged: number): void {
    const due = this.#told < 1 && acknowledged > 0 ? true : this.#now() - this.#toldAt >= EVERY_MS
    if (this.#busy || !due) return
    this.#busy = true
    this.#toldAt = this.#now()
    this.#told = acknowledged
    this.#report(acknowledged)
      .then((goOn) => {
        if (!goOn) this.#onTakenOver()
      })
      .catch(() => {})
      .finally(() => {
        this.#busy = false
      })
  }
}

import { equalInConstantTime } from './crypto.ts'

/** How long a process may go on without a look at whether its secrets have changed, in ms. */
const MOST_STALE_MS = 20_000

/** One that was replaced. An ended one is accepted no more; rows that stand under it are still found by it. */
export type Past = { value: string; until: string; ended?: boolean | undefined }
/** A secret as the file holds it: the one in use, and those in whose place it came, which hold until their time is over. */
export type Standing = { current: string; past: readonly Past[] }

/**
 * A secret that is replaced while the portal runs. Whoever meets a value that is not known here looks at the file again,
 * there and then; nobody has to be told first.
 */
export type LiveSecret = {
  /** What is signed by and handed out from now on. */
  current(): string
  /** Those that hold, the one in use first. */
  accepted(): readonly string[]
  /** Those that hold and those that were ended, the one in use first. */
  known(): readonly string[]
  /** Whether the given one holds; in constant time for each. */
  accepts(given: string): boolean
  /** Takes what another process has changed; cheap where nothing has. */
  refresh(): void
}

/** @param readIfChanged the secret as it stands; null where it is as it was read last */
export function createLiveSecret(
  first: Standing,
  readIfChanged: () => Standing | null = () => null,
  clock: () => Date = () => new Date(),
  monotonic: () => number = () => performance.now(),
): LiveSecret {
  let standing = first
  let lookedAt = monotonic()
  const refresh = () => {
    standing = readIfChanged() ?? standing
    lookedAt = monotonic()
  }
  const kept = () => standing.past.filter(({ until }) => Date.parse(until) > clock().getTime())
  const valuesOf = (past: readonly Past[]) => [standing.current, ...past.map(({ value }) => value)]
  const accepted = () => valuesOf(kept().filter(({ ended }) => !ended))
  const isAmong = (given: string) =>
    accepted().reduce((found, value) => equalInConstantTime(given, value) || found, false)
  return {
    current() {
      if (monotonic() - lookedAt > MOST_STALE_MS) refresh()
      return standing.current
    },
    accepted,
    known: () => valuesOf(kept()),
    accepts(given) {
      if (isAmong(given)) return true
      refresh()
      return isAmong(given)
    },
    refresh,
  }
}

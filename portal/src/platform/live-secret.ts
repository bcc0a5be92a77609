import { equalInConstantTime } from './crypto.ts'
import { MOST_STALE_MS } from './seal-ring.ts'

/** Anybody may show a value that nobody knows: how long after a look for one that found nothing new there is no other, in ms. */
const IN_VAIN_MS = 1000

/** One that was replaced. An ended one is accepted no more; rows that stand under it are still found by it. */
export type Past = { value: string; until: string; ended?: boolean | undefined }
/** A secret as the file holds it: the one in use, and those in whose place it came, which hold until their time is over. */
export type Standing = { current: string; past: readonly Past[] }

/**
 * A secret that is replaced while the portal runs. Whoever meets a value that is not known here looks at the file again,
 * there and then, and whoever has not looked for a while does; nobody has to be told first.
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
  /** The same on meeting a value that is not known here, but at most once a second in vain. */
  lookAgain(): void
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
  let vainAt = Number.NEGATIVE_INFINITY
  const refresh = () => {
    const read = readIfChanged()
    standing = read ?? standing
    lookedAt = monotonic()
    return read !== null
  }
  const refreshIfStale = () => {
    if (monotonic() - lookedAt > MOST_STALE_MS) refresh()
  }
  const lookAgain = () => {
    if (monotonic() - vainAt >= IN_VAIN_MS && !refresh()) vainAt = monotonic()
  }
  const kept = () => standing.past.filter(({ until }) => Date.parse(until) > clock().getTime())
  const valuesOf = (past: readonly Past[]) => [standing.current, ...past.map(({ value }) => value)]
  const accepted = () => {
    refreshIfStale()
    return valuesOf(kept().filter(({ ended }) => !ended))
  }
  const isAmong = (given: string) =>
    accepted().reduce((found, value) => equalInConstantTime(given, value) || found, false)
  return {
    current() {
      refreshIfStale()
      return standing.current
    },
    accepted,
    known: () => valuesOf(kept()),
    accepts(given) {
      if (isAmong(given)) return true
      lookAgain()
      return isAmong(given)
    },
    refresh: () => void refresh(),
    lookAgain,
  }
}

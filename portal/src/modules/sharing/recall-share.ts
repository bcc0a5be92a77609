import type { RowVersions } from '#portal/platform/audit-sink.ts'
import { hashToken } from '#portal/platform/crypto.ts'
import type { Db } from '#portal/platform/db.ts'
import type { Keys } from '#portal/platform/keys.ts'
import { type OpenedShare, openedOf, type ViewerRow } from './load-share.ts'

// Of links and of viewers each: some 10 MB at most.
const MOST = 5000
/** Far sooner than the numbers of transactions, by which versions are told, can come again. */
const KEPT_MS = 3_600_000

type SeenShare = Pick<OpenedShare, 'share' | 'video' | 'sharedBy' | 'versions'>
type SeenViewer = { viewer: ViewerRow; version: string }
type Memory = { shares: Shelf<SeenShare>; viewers: Shelf<SeenViewer> }
type Visit = { token: string; cookie: string | null }

const memories = new WeakMap<Db, Memory>()

function memoryOf(db: Db): Memory {
  const memory = memories.get(db) ?? { shares: createShelf<SeenShare>(), viewers: createShelf<SeenViewer>() }
  memories.set(db, memory)
  return memory
}

type Shelf<T> = ReturnType<typeof createShelf<T>>

/** A bounded number of things, each for a time; what was kept longest ago goes first. */
function createShelf<T>() {
  const kept = new Map<string, { what: T; until: number }>()
  return {
    keep(name: string, what: T, now: Date): void {
      kept.delete(name)
      kept.set(name, { what, until: now.getTime() + KEPT_MS })
      if (kept.size > MOST) kept.delete(kept.keys().next().value ?? '')
    },
    find(name: string, now: Date): T | null {
      const found = kept.get(name)
      return found && found.until > now.getTime() ? found.what : null
    },
    drop: (name: string): void => void kept.delete(name),
  }
}

const namesOf = ({ token, cookie }: Visit) => {
  const link = hashToken(token).toString('base64')
  return { link, browser: cookie === null ? null : link + hashToken(cookie).toString('base64') }
}

/**
 * What this process last saw of a share and of this browser's view of it, or null. It is a guess, never a ground to
 * refuse; whoever lets somebody in by it must make that depend on `versions`, in the statement that does.
 * What only renewals write in the viewer's row may be older than its version.
 */
export function recallShare(db: Db, keys: Keys, visit: Visit, now: Date): OpenedShare | null {
  const { link, browser } = namesOf(visit)
  const { shares, viewers } = memoryOf(db)
  const seen = shares.find(link, now)
  const found = browser === null ? null : viewers.find(browser, now)
  if (!seen || !found) return null
  const versions = { ...seen.versions, viewer: found.version }
  return openedOf(keys, { ...seen, viewer: found.viewer, versions, barred: false })
}

/** Keeps what a renewal saw and, where it changed the viewer's row as it saw it, this row's new version. */
export function rememberShare(db: Db, visit: Visit, met: OpenedShare, row: RowVersions, now: Date): void {
  const { link, browser } = namesOf(visit)
  const { share, video, sharedBy, versions, viewer, viewerState } = met
  // Of somebody who is barred, and lets it not matter by a link for anybody, each look is a fresh one.
  if (!viewer || browser === null || viewerState?.barred || row.before !== versions.viewer) return
  const { shares, viewers } = memoryOf(db)
  shares.keep(link, { share, video, sharedBy, versions }, now)
  viewers.keep(browser, { viewer, version: row.after }, now)
}

export function forgetShare(db: Db, visit: Visit): void {
  const { link, browser } = namesOf(visit)
  const { shares, viewers } = memoryOf(db)
  shares.drop(link)
  if (browser !== null) viewers.drop(browser)
}

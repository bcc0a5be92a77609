/** Room for hot segments in one process, where nothing else is asked for. */
export const SEGMENT_CACHE_BYTES = 256 * 1024 * 1024

/** Bytes held for answering, until `release` is called. */
export type HeldBytes = { bytes: Buffer; release(): void }

export type SegmentCache = {
  /** Bytes at hand, or null. */
  get(key: string): HeldBytes | null
  /**
   * Loads an object of `size` bytes and keeps it; callers that ask at the same time share one load. Null if
   * there is no room beside what is being sent right now: then stream it.
   */
  load(key: string, size: number, read: () => Promise<Buffer | null>): Promise<HeldBytes | null>
  /** Drops everything below a key prefix, loads under way included. */
  evict(prefix: string): void
  /** Bytes accounted for: kept, being loaded, or dropped but still being sent. */
  used(): number
}

type Entry = { bytes: Buffer; size: number; holders: number; kept: boolean }

/**
 * The most recently used objects, within `limit` bytes. What a slow client is still receiving counts too, so
 * memory stays bounded however many there are. Objects larger than an eighth of the limit are never kept.
 */
export function createSegmentCache(limit: number): SegmentCache {
  // A Map keeps insertion order: the first is the least recently used.
  const entries = new Map<string, Entry>()
  const loading = new Map<string, Promise<Entry | null>>()
  let used = 0
  let evictions = 0

  const drop = (key: string, entry: Entry) => {
    entries.delete(key)
    entry.kept = false
    if (entry.holders === 0) used -= entry.size
  }
  const makeRoom = (size: number): boolean => {
    if (size > limit / 8) return false
    for (const [key, entry] of entries) {
      if (used + size <= limit) break
      if (entry.holders === 0) drop(key, entry)
    }
    return used + size <= limit
  }
  const hold = (entry: Entry): HeldBytes => {
    entry.holders += 1
    let held = true
    return {
      bytes: entry.bytes,
      release() {
        if (!held) return
        held = false
        entry.holders -= 1
        if (entry.holders === 0 && !entry.kept) used -= entry.size
      },
    }
  }
  const get = (key: string): HeldBytes | null => {
    const entry = entries.get(key)
    if (!entry) return null
    entries.delete(key)
    entries.set(key, entry)
    return hold(entry)
  }
  const start = async (
    key: string,
    size: number,
    read: () => Promise<Buffer | null>,
  ): Promise<Entry | null> => {
    const before = evictions
    used += size
    const bytes = await read().catch((error) => {
      used -= size
      throw error
    })
    used -= size
    if (!bytes || (bytes.length > size && !makeRoom(bytes.length))) return null
    // Held by the load itself until its first caller holds it.
    const entry: Entry = { bytes, size: bytes.length, holders: 1, kept: evictions === before }
    used += entry.size
    if (entry.kept) entries.set(key, entry)
    return entry
  }
  return {
    get,
    async load(key, size, read) {
      const same = loading.get(key)
      if (same) return same.then((entry) => entry && hold(entry))
      if (!makeRoom(size)) return null
      const pending = start(key, size, read).finally(() => loading.delete(key))
      loading.set(key, pending)
      const entry = await pending
      if (!entry) return null
      const held = hold(entry)
      entry.holders -= 1
      return held
    },
    evict(prefix) {
      evictions += 1
      for (const [key, entry] of entries) if (key.startsWith(prefix)) drop(key, entry)
    },
    used: () => used,
  }
}

import type { Noticed, Suspect } from './count-signals.ts'
import { measureKey } from './follow-measures.ts'

/** Of all subjects together; the subjects that nothing was heard of for longest are forgotten first. */
const MOST_ENTRIES = 50_000

type Entry = { at: number; source: string; about: string }

/**
 * What this process noticed itself: a burst at one node is met at its threshold, before any round trip to the database, and
 * also while there is none. What is spread over nodes is met by the database's count.
 */
export function countHere() {
  const subjects = new Map<string, Map<string, Entry>>()
  let entries = 0

  function drop(key: string): void {
    entries -= subjects.get(key)?.size ?? 0
    subjects.delete(key)
  }

  return {
    /** @returns how many it makes within the rule's window */
    add({ rule, subject, object, source, about, windowSeconds }: Noticed, now: number): number {
      const key = measureKey(rule, subject)
      const seen = subjects.get(key) ?? new Map<string, Entry>()
      // Heard of again, a subject becomes the youngest.
      subjects.delete(key)
      subjects.set(key, seen)
      for (const [old, { at }] of seen) if (at <= now - windowSeconds * 1000 && seen.delete(old)) entries -= 1
      if (!seen.has(object)) entries += 1
      seen.set(object, { at: now, source, about })
      while (entries > MOST_ENTRIES && subjects.size > 1) drop(subjects.keys().next().value as string)
      return seen.size
    },
    /** It is dealt with: the next time begins anew. */
    forget: (rule: string, subject: string) => drop(measureKey(rule, subject)),
    takeBack(keys: readonly string[], { source }: Suspect, about: string): void {
      for (const key of keys)
        for (const [object, entry] of subjects.get(key) ?? [])
          if (entry.source === source && entry.about === about && subjects.get(key)?.delete(object))
            entries -= 1
    },
  }
}

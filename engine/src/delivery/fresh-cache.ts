/** Remembers answers for a short while; one question runs at a time for each name. */
export type FreshCache<T> = {
  /** The remembered answer if it is fresh, without waiting. */
  peek(name: string): T | undefined
  get(name: string, load: () => Promise<T | null>): Promise<T | null>
  /** Forgets one answer that turned out to be old. */
  drop(name: string): void
  /** Forgets what `matches`, answers under way included. */
  forget(matches: (name: string) => boolean): void
}

/**
 * Answers stay fresh for `maxAgeMs`, counted from before the question was asked. A question under way when
 * something was forgotten is asked again, so no answer from before a revocation is ever used after it.
 * Null is not remembered.
 */
export function createFreshCache<T>(maxAgeMs: number, mostNames: number): FreshCache<T> {
  const known = new Map<string, { value: T; asked: number }>()
  const running = new Map<string, Promise<T | null>>()
  let generation = 0

  const peek = (name: string) => {
    const entry = known.get(name)
    return entry && performance.now() - entry.asked < maxAgeMs ? entry.value : undefined
  }
  const ask = async (name: string, load: () => Promise<T | null>): Promise<T | null> => {
    for (;;) {
      const [before, asked] = [generation, performance.now()]
      const value = await load()
      if (generation !== before) continue
      if (value === null) known.delete(name)
      else {
        if (known.size >= mostNames) known.clear()
        known.set(name, { value, asked })
      }
      return value
    }
  }
  return {
    peek,
    get(name, load) {
      const fresh = peek(name)
      if (fresh !== undefined) return Promise.resolve(fresh)
      const same = running.get(name)
      if (same) return same
      const question = ask(name, load).finally(() => running.delete(name))
      running.set(name, question)
      return question
    },
    drop: (name) => void known.delete(name),
    forget(matches) {
      generation += 1
      for (const name of known.keys()) if (matches(name)) known.delete(name)
    },
  }
}

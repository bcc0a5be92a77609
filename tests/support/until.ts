import { setTimeout as delay } from 'node:timers/promises'

type Maybe<T> = T | null | undefined | false

/**
 * Asks again every `everyMs` until `probe` gives something other than null, undefined or false.
 * @throws Error with `what` after `ms`
 */
export async function until<T>(
  what: string,
  probe: () => Promise<Maybe<T>> | Maybe<T>,
  ms = 30_000,
  everyMs = 25,
): Promise<T> {
  const deadline = performance.now() + ms
  for (;;) {
    const value = await probe()
    if (value) return value
    if (performance.now() > deadline) throw new Error(`waited ${ms} ms in vain: ${what}`)
    await delay(everyMs)
  }
}

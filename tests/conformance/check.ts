import { setTimeout as delay } from 'node:timers/promises'
import type { OwnEngine, Target } from './target.ts'

/** One thing that the contract demands. `run` throws where the engine does otherwise. */
export type Check = {
  name: string
  run(target: Target): Promise<void>
  /** Needs an engine whose processes, files and webhooks are at hand. */
  ownOnly?: true
}

export function check(name: string, run: (target: Target) => Promise<void>): Check {
  return { name, run }
}

export function ownCheck(name: string, run: (target: Target, own: OwnEngine) => Promise<void>): Check {
  return { name, ownOnly: true, run: (target) => run(target, target.own!) }
}

/** Asks again every 25 ms until `probe` gives something other than null, undefined or false. Throws after `ms`. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | null | undefined | false> | T | null | undefined | false,
  ms = 30_000,
): Promise<T> {
  const deadline = Date.now() + ms
  for (;;) {
    const value = await probe()
    if (value) return value
    if (Date.now() > deadline) throw new Error(`waited ${ms} ms in vain: ${what}`)
    await delay(25)
  }
}

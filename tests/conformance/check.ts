import assert from 'node:assert/strict'
import type { OwnEngine, Target } from './target.ts'

/** One thing that the contract demands. `run` throws where the engine does otherwise. */
export type Check = {
  name: string
  run(target: Target): Promise<void>
  /** Needs an engine whose processes, files and webhooks are at hand. */
  ownOnly?: true
}

export function check(name: string, run: (target: Target) => Promise<void>): Check {
  return { name, run: (target) => withValidAnswers(target, () => run(target)) }
}

export function ownCheck(name: string, run: (target: Target, own: OwnEngine) => Promise<void>): Check {
  return {
    name,
    ownOnly: true,
    run: (target) => withValidAnswers(target, () => run(target, target.own!)),
  }
}

/** Whatever else a check asks, each answer on its way must be one that Mux's OpenAPI document describes. */
async function withValidAnswers(target: Target, run: () => Promise<void>): Promise<void> {
  const before = target.faults.length
  await run()
  assert.deepEqual([...new Set(target.faults.slice(before))], [])
}

export { until } from '../support/until.ts'

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

export { until } from '../support/until.ts'

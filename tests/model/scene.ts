import type { Actor, Context } from '../../portal/src/platform/context.ts'
import type { Island, Stage } from './stage.ts'

/** Shares of the portal itself in the middle of a sequence, with what its people hold in their hands. */
export type Scene = {
  stage: Stage
  island: Island
  /** The cookie of each browser. */
  jar: (string | null)[]
  /** ID of the revoke of many that was asked for last, for whoever decides on it. */
  asked: string
  /** By share: ID of the extension that was asked for last. */
  extensions: string[]
}

export const as = ({ stage }: Scene, actor: Actor): Context => stage.t.app.newContext(actor)

/** The instant so many milliseconds from now. */
export const after = ({ stage }: Scene, ms: number): string =>
  new Date(stage.t.app.clock().getTime() + ms).toISOString()

export function shareAt({ island }: Scene, place: number): Island['shares'][number] {
  const share = island.shares[place]
  if (!share) throw new Error(`there is no share ${place}`)
  return share
}

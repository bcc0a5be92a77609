import type { App } from './app.ts'
import type { RowChange, RowVersions } from './audit-sink.ts'
import type { Db } from './db.ts'
import type { Operation, OperationBase, ReadScope } from './operation.ts'
import { type Change, eventOf } from './operation-events.ts'

export type QuickScope<I> = Omit<ReadScope<I>, 'db'> & { db: Db }
export type QuickPlan<P> = {
  result: P
  change: Change
  write: RowChange
  /** Told of the write's end; null where it met no row. */
  settled: (row: RowVersions | null) => void
}

/**
 * A verb for the few paths where every round trip counts: look without a transaction, decide, then the change and its
 * event in one statement. Its WHERE carries again what the decision rests on. `finish` works out the answer while the
 * statement is under way; what it made leaves this function only behind the commit. Gives null where `run` finds that
 * this is no case for it, or where the change met no row: the caller then takes the ordinary way.
 */
export function quickVerb<I, P, R>(
  def: OperationBase<I> & {
    run: (scope: QuickScope<I>) => Promise<QuickPlan<P> | null>
    finish: (app: App, planned: P) => Promise<R>
  },
): Operation<I, R | null> {
  return {
    ...def,
    kind: 'verb',
    async execute(app, input, ctx) {
      const { db, keys, settings } = app
      const planned = await def.run({ db, input, ctx, actor: ctx.actor, keys, settings })
      if (!planned) return null
      const event = eventOf(def.action, ctx, planned.change)
      const [row, result] = await Promise.all([
        app.audit.recordWith(app.pool, event, planned.write),
        def.finish(app, planned.result),
      ])
      planned.settled(row)
      return row === null ? null : result
    },
  }
}

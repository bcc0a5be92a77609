import { refusedByKey } from './api-key-scopes.ts'
import type { App } from './app.ts'
import type { Context } from './context.ts'
import type { AnyOperation, Operation } from './operation.ts'
import { permits, takesProof, withoutSecondFactor } from './permission.ts'
import { unstorableIn } from './storable-text.ts'

/**
 * Begins an operation while its request is still being counted: one that only reads, in its read-only transaction, and that
 * lets its caller in as they are, so that nothing of it is left where the request is refused. Null for any other.
 */
export function readAhead<I, R>(
  app: App,
  op: Operation<I, R>,
  rawInput: unknown,
  ctx: Context,
): Promise<R> | null {
  if (op.kind !== 'read' || !entersUnseen(op, ctx)) return null
  const input = unstorableIn(rawInput) ? null : op.input.safeParse(rawInput)
  if (!input?.success) return null
  const result = op.execute(app, input.data, ctx)
  // Nobody hears of it where the request is refused.
  result.catch(() => {})
  return result
}

/** Whether entering leaves no event, neither of a refusal nor of a grant that is leant on; pure. */
function entersUnseen({ action, allow }: Pick<AnyOperation, 'action' | 'allow'>, ctx: Context): boolean {
  const { actor } = ctx
  return (
    !allow.logGrant &&
    withoutSecondFactor(allow, ctx) === ctx &&
    !refusedByKey(ctx, action) &&
    permits(allow, actor) === 'allowed' &&
    !takesProof(allow, actor)
  )
}

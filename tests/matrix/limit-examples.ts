import { type Example, unconditional } from './example.ts'

/** Limits of requests. */
export const LIMIT_EXAMPLES: Record<string, Example> = {
  'limit.get': unconditional(),
  'limit.history': unconditional(),
  'limit.set': unconditional(async (_objects, t) => {
    const { rows } = await t.app.pool.query(
      'select coalesce(max(version), 0)::int version from limit_policies',
    )
    return { version: rows[0].version, rules: {}, reason: 'matrix of rights' }
  }),
}

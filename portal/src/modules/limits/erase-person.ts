import { sql } from 'drizzle-orm'
import { type Eraser, told } from '#portal/platform/erasure.ts'
import { redactPerson } from '#portal/platform/redact-person.ts'
import { limitIdentities } from './limit-identity.ts'

/** Throttlings of the person; counts run out by themselves within a day. */
export const limitEraser: Eraser = {
  step: 'limits',
  async erase({ tx, keys, person }) {
    const identities = person.userId ? limitIdentities(keys, 'user', person.userId) : []
    const throttled = await tx.execute(
      sql`delete from limit_throttlings where identity = any(${sql.param(identities)}::text[])`,
    )
    return [
      ...told('limit_throttlings', 'deleted', throttled.rowCount),
      ...(await redactPerson(tx, person, 'limit_overrides', ['reason'])),
      ...(await redactPerson(tx, person, 'limit_policies', ['reason'])),
      ...(await redactPerson(tx, person, 'budget_levels', ['reason'])),
    ]
  },
}

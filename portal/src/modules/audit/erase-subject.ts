import { sql } from 'drizzle-orm'
import { type Eraser, told } from '#portal/platform/erasure.ts'
import { redactPerson } from '#portal/platform/redact-person.ts'
import { createSubjectKeys } from './personal.ts'

/**
 * Erases a person from the log: destroys the keys under which every entry in every tier, every export and every
 * snapshot holds what is personal. Entries, leaf hashes and proofs stay.
 */
export const subjectEraser: Eraser = {
  step: 'audit',
  async erase({ tx, keys, person }) {
    const subjects = createSubjectKeys(keys)
    let destroyed = 0
    for (const subject of [person.userId, ...person.addresses])
      if (subject !== null && (await subjects.destroy(tx, subject))) destroyed += 1
    const searches = await tx.execute(sql`delete from log_searches where user_id = ${person.userId}`)
    return [
      ...told('subject_keys', 'deleted', destroyed),
      ...told('log_searches', 'deleted', searches.rowCount),
      ...(await redactPerson(tx, person, 'log_searches', ['name', 'query::jsonb'])),
      ...(await redactPerson(tx, person, 'log_grants', ['reason'])),
      ...(await redactPerson(tx, person, 'log_review_items', ['evidence'])),
      ...(await redactPerson(tx, person, 'audit_snapshots', ['reason', 'failure'])),
    ]
  },
}

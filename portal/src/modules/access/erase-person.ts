import { sql } from 'drizzle-orm'
import { type Eraser, told } from '#portal/platform/erasure.ts'
import { redactPerson } from '#portal/platform/redact-person.ts'

/** Keys go; rights that were given and looked at stay as evidence, by pseudonym. */
export const accessEraser: Eraser = {
  step: 'access',
  async erase({ tx, person }) {
    const keys = await tx.execute(sql`delete from api_keys where owner_id = ${person.userId}`)
    return [
      ...told('api_keys', 'deleted', keys.rowCount),
      ...(await redactPerson(tx, person, 'api_keys', ['name'])),
      ...(await redactPerson(tx, person, 'emergency_grants', ['reason', 'review_note'])),
      ...(await redactPerson(tx, person, 'staff_review_items', ['evidence'])),
    ]
  },
}

import { sql } from 'drizzle-orm'
import { type Eraser, told } from '#portal/platform/erasure.ts'
import { redactPerson } from '#portal/platform/redact-person.ts'
import { suspectHash } from './suspect-hash.ts'

/** Signs of abuse about the person's account or addresses go; what was detected stays, about nobody. */
export const abuseEraser: Eraser = {
  step: 'abuse',
  async erase({ tx, keys, person }) {
    const hashes = person.addresses.map((address) => suspectHash(keys, 'account', address))
    const theirs = sql`any(${sql.param([...hashes, ...(person.userId ? [person.userId] : [])])}::text[])`
    const signals = await tx.execute(
      sql`delete from abuse_signals where subject = ${theirs} or object = ${theirs} or about = ${theirs}`,
    )
    const detections = await tx.execute(
      sql`update abuse_detections set subject = md5(gen_random_uuid()::text) where subject = ${theirs}`,
    )
    return [
      ...told('abuse_signals', 'deleted', signals.rowCount),
      ...told('abuse_detections.subject', 'replaced', detections.rowCount),
      ...(await redactPerson(tx, person, 'abuse_detections', ['let_go_reason'])),
      ...(await redactPerson(tx, person, 'abuse_policies', ['reason'])),
    ]
  },
}

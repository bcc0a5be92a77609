import type { AuditEventInput, AuditSink } from '#portal/platform/audit-sink.ts'
import { newId } from '#portal/platform/ids.ts'
import { encodeEvent } from './event.ts'
import { eventFrom } from './event-from.ts'
import { hashLeaf } from './merkle.ts'
import type { SubjectKeys } from './personal.ts'
import { createRecordWith } from './record-with.ts'
import { runSql, type SqlRunner } from './sql-runner.ts'

/**
 * Records an event and its leaf hash in the caller's transaction: one statement, and one more where it carries
 * personal data. It is searchable at commit and in the tree within a second of it.
 * @throws ZodError where the event does not follow the schema; the caller's transaction must then fail
 */
export async function recordEvent(
  tx: SqlRunner,
  input: AuditEventInput,
  subjectKeys: SubjectKeys,
): Promise<{ id: string }> {
  const id = newId('evt')
  const event = eventFrom(id, input)
  if (input.personal) event.personal = await subjectKeys.encrypt(tx, id, input.personal, input.time)
  const entry = encodeEvent(event)
  await runSql(tx, INSERT, [entry, hashLeaf(entry)], 'audit-record')
  return { id }
}

const INSERT = 'insert into audit_events (entry, leaf_hash) values ($1, $2)'

/** The log as operations see it. */
export function createAuditSink(subjectKeys: SubjectKeys): AuditSink {
  return {
    record: (tx, event) => recordEvent(tx, event, subjectKeys),
    recordWith: createRecordWith(),
  }
}

import type { AuditEventInput, AuditSink } from '#portal/platform/audit-sink.ts'
import { newId } from '#portal/platform/ids.ts'
import { classificationOf } from './classification.ts'
import { AUDIT_SCHEMA_VERSION, type AuditEvent, encodeEvent } from './event.ts'
import { hashLeaf } from './merkle.ts'
import type { SubjectKeys } from './personal.ts'
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
    async recordWith(pool, input, { text, values, name }) {
      if (input.personal) throw new Error(`${input.action}: personal data needs a transaction of its own`)
      const entry = encodeEvent(eventFrom(newId('evt'), input))
      const event = `select $${values.length + 1}::text, $${values.length + 2}::bytea from changed`
      const { rowCount } = await pool.query({
        name,
        text: `with changed as (${text} returning 1) insert into audit_events (entry, leaf_hash) ${event}`,
        values: [...values, entry, hashLeaf(entry)],
      })
      if (rowCount !== null && rowCount > 1)
        throw new Error(`${input.action}: one event for ${rowCount} changes`)
      return rowCount === 1
    },
  }
}

function eventFrom(id: string, input: AuditEventInput): AuditEvent {
  const { action, actor, target, outcome, reason, region, requestId } = input
  return {
    schemaVersion: AUDIT_SCHEMA_VERSION,
    id,
    time: input.time.toISOString(),
    action,
    actor: { kind: actor.kind, pseudonym: actor.id, role: actor.kind === 'user' ? actor.role : null },
    target,
    outcome,
    reason,
    region,
    requestId,
    classification: classificationOf(action),
    // Absent and undefined mean the same to a caller; JSON has only absent.
    details: Object.fromEntries(
      Object.entries(input.details ?? {}).filter(([, value]) => value !== undefined),
    ) as AuditEvent['details'],
  }
}

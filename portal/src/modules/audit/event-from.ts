import type { AuditEventInput } from '#portal/platform/audit-sink.ts'
import { AUDIT_SCHEMA_VERSION, type AuditEvent } from './event.ts'
import { eventTypeOf } from './rules.ts'

/** The log's event of what an operation tells it, without personal data. */
export function eventFrom(id: string, input: AuditEventInput): AuditEvent {
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
    classification: eventTypeOf(action).classification,
    // Absent and undefined mean the same to a caller; JSON has only absent.
    details: Object.fromEntries(
      Object.entries(input.details ?? {}).filter(([, value]) => value !== undefined),
    ) as AuditEvent['details'],
  }
}

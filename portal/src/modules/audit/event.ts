import { z } from 'zod'
import type { Json } from '#portal/platform/audit-sink.ts'
import { canonicalJson } from './canonical-json.ts'
import { CLASSIFICATIONS } from './rules.ts'

/** Version of the event schema that new events have; raised with every change of shape. */
export const AUDIT_SCHEMA_VERSION = 1

/** An entry has to fit a C2SP entry bundle's 16-bit length with room to spare. */
export const MAX_ENTRY_BYTES = 16_384

const ADDRESS = /[^\s@"<>]+@[^\s@"<>]+\.[^\s@"<>]+/
const MAX_DETAILS = 32

const detailText = z
  .string()
  .max(512)
  .refine(
    (text) => !ADDRESS.test(text),
    'an address is personal: it belongs into `personal`, never into `details`',
  )
const detailScalar = z.union([detailText, z.number(), z.boolean(), z.null()])
const detailName = z.string().regex(/^[a-zA-Z][a-zA-Z0-9_]{0,63}$/)
const atMost = (limit: number) => (members: object) => Object.keys(members).length <= limit
const detailGroup = z.record(detailName, detailScalar).refine(atMost(MAX_DETAILS), 'too many members')
const detailValue = z.union([
  detailScalar,
  z.array(z.union([detailScalar, detailGroup])).max(100),
  detailGroup,
])

const identifier = z.string().regex(/^[!-~]{1,128}$/)

/** A pseudonym or an opaque name; an address is refused. */
const pseudonym = identifier.refine(
  (text) => !ADDRESS.test(text),
  'a person is named by pseudonym, never by address',
)
const code = z.string().regex(/^[a-z][a-z0-9_]{0,63}$/)
const base64 = z.string().regex(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/)

/**
 * The one event schema. Personal data is in `personal` alone, as AES-256-GCM ciphertext under the subject's own key:
 * destroying that key erases the person and leaves these bytes, their leaf hash and every proof as they were.
 */
export const auditEvent = z
  .strictObject({
    schemaVersion: z.literal(AUDIT_SCHEMA_VERSION),
    id: z.string().regex(/^evt_[1-9A-HJ-NP-Za-km-z]{22}$/),
    time: z
      .string()
      .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/)
      .refine(isInstant, 'not an instant'),
    action: z
      .string()
      .regex(/^[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)+$/)
      .max(64),
    actor: z.strictObject({
      kind: z.enum(['user', 'viewer', 'system', 'command', 'anonymous']),
      pseudonym,
      role: z.enum(['guest', 'agency', 'admin']).nullable(),
    }),
    target: z.strictObject({ type: code, id: pseudonym }),
    outcome: z.enum(['allowed', 'refused', 'failed']),
    reason: code.nullable(),
    region: z.string().regex(/^[A-Z][A-Z0-9-]{1,15}$/),
    requestId: identifier,
    classification: z.enum(CLASSIFICATIONS),
    details: z.record(detailName, detailValue).refine(atMost(MAX_DETAILS), 'too many members'),
    personal: z.strictObject({ subject: pseudonym, ciphertext: base64.max(12_288) }).optional(),
  })
  .meta({
    title: 'Audit event',
    description: 'One entry of the audit log; its canonical JSON (RFC 8785) is the leaf.',
  })

export type AuditEvent = z.infer<typeof auditEvent>

/** The published form of the schema (JSON Schema 2020-12). */
export function auditEventJsonSchema(): { $schema?: string } {
  return z.toJSONSchema(auditEvent, { target: 'draft-2020-12', io: 'input' })
}

/**
 * The exact text whose UTF-8 bytes are the leaf's entry.
 * @throws ZodError where the event has an unknown or malformed field, RangeError where it is too large
 */
export function encodeEvent(event: AuditEvent): string {
  return writtenForm(auditEvent.parse(event))
}

function writtenForm(event: Json): string {
  const entry = canonicalJson(event)
  if (Buffer.byteLength(entry) > MAX_ENTRY_BYTES)
    throw new RangeError(`an event has at most ${MAX_ENTRY_BYTES} bytes`)
  return entry
}

/**
 * Reads entries by the schema version that wrote them, so that raising the version leaves every older entry readable.
 * Null where the version is unknown, or the entry is not byte for byte what that version writes.
 */
export function createEventReader<E>(schemas: Readonly<Record<number, z.ZodType<E>>>) {
  return (entry: string): E | null => {
    try {
      const fields: unknown = JSON.parse(entry)
      const parsed = schemas[versionOf(fields)]?.safeParse(fields)
      return parsed?.success && writtenForm(parsed.data as Json) === entry ? parsed.data : null
    } catch {
      return null
    }
  }
}

function versionOf(fields: unknown): number {
  return Number((fields as { schemaVersion?: unknown } | null)?.schemaVersion)
}

/** The event in an entry of the log, whichever version wrote it; null where it is none. */
export const decodeEvent = createEventReader<AuditEvent>({ 1: auditEvent })

function isInstant(text: string): boolean {
  const instant = new Date(text)
  return !Number.isNaN(instant.getTime()) && instant.toISOString() === text
}

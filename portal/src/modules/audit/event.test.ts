import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Json } from '#portal/platform/audit-sink.ts'
import { loadSettings } from '#portal/platform/env.ts'
import { canonicalJson } from './canonical-json.ts'
import {
  AUDIT_SCHEMA_VERSION,
  type AuditEvent,
  auditEvent,
  auditEventJsonSchema,
  createEventReader,
  decodeEvent,
  encodeEvent,
} from './event.ts'

const event: AuditEvent = {
  schemaVersion: AUDIT_SCHEMA_VERSION,
  id: 'evt_1111111111111111111111',
  time: '2026-03-01T09:30:00.000Z',
  action: 'share.create',
  actor: { kind: 'user', pseudonym: 'usr_1', role: 'agency' },
  target: { type: 'share', id: 'shr_1' },
  outcome: 'allowed',
  reason: null,
  region: 'AU',
  requestId: 'req_1',
  classification: 'sensitive',
  details: { video_id: 'vid_1', max_views: 3, access: 'email', allow: [{ kind: 'domain', count: 2 }] },
}

describe('the event schema', () => {
  test('[ALV-01] [ASVS-16.2.1] an event reads back exactly as it was written', () => {
    const entry = encodeEvent(event)
    expect(entry.startsWith('{"action":"share.create","actor":{"kind":"user","pseudonym":"usr_1"')).toBe(true)
    expect(decodeEvent(entry)).toEqual(event)
    expect(decodeEvent(` ${entry}`)).toBeNull()
    expect(decodeEvent(entry.slice(1))).toBeNull()
    expect(decodeEvent(entry.replace('"details":{', '"details":{"__proto__":1,'))).toBeNull()
  })

  test('[ALV-01] [ASVS-1.5.2] unknown fields are refused at every depth', () => {
    const places: ((e: Record<string, object>) => object)[] = [(e) => e, (e) => e.actor!, (e) => e.target!]
    for (const place of places) {
      const changed = structuredClone(event) as unknown as Record<string, object>
      Object.assign(place(changed), { extra: 1 })
      expect(auditEvent.safeParse(changed).success).toBe(false)
    }
  })

  test.each<[string, object]>([
    ['an older schema version', { schemaVersion: 0 }],
    ['an action of one word', { action: 'share' }],
    ['a day that does not exist', { time: '2026-02-30T00:00:00.000Z' }],
    ['local time', { time: '2026-03-01T09:30:00.000+11:00' }],
    ['an address as actor', { actor: { ...event.actor, pseudonym: 'ada@example.org' } }],
    ['an address as target', { target: { type: 'user', id: 'ada@example.org' } }],
    ['an address in the details', { details: { to: 'mail for ada@example.org' } }],
    ['an address in a list', { details: { allow: [{ to: 'ada@example.org' }] } }],
    ['a reason in prose', { reason: 'Because I said so' }],
    ['an unknown outcome', { outcome: 'maybe' }],
    ['an unknown label', { classification: 'secret' }],
    ['personal data in clear', { personal: { subject: 'sub_1', name: 'Ada' } }],
  ])('[ALV-01] %s is refused', (_, change) => {
    expect(auditEvent.safeParse({ ...event, ...change }).success).toBe(false)
  })

  test('[ALV-01] an event that no entry bundle could carry is refused', () => {
    const details = Object.fromEntries(
      Array.from({ length: 32 }, (_, i) => [`n${i}`, Array(100).fill('x'.repeat(20))]),
    )
    expect(() => encodeEvent({ ...event, details })).toThrow(RangeError)
  })

  test('[ALV-01] is published as JSON Schema that forbids other fields', () => {
    expect(auditEventJsonSchema()).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      additionalProperties: false,
      properties: { schemaVersion: { const: 1 }, actor: { additionalProperties: false } },
    })
  })
})

describe('versions of the schema', () => {
  const second = z.strictObject({ ...auditEvent.shape, schemaVersion: z.literal(2), place: z.string() })
  const readAll = createEventReader<AuditEvent | z.infer<typeof second>>({ 1: auditEvent, 2: second })
  const ofVersion2 = { ...event, schemaVersion: 2 as const, place: 'here' }

  test('[ALV-01] a reader that knows a later version still reads the entries of this one', () => {
    expect(readAll(encodeEvent(event))).toEqual(event)
    expect(readAll(canonicalJson(ofVersion2))).toEqual(ofVersion2)
  })

  test('[ALV-01] an entry is held to the version that it names', () => {
    expect(decodeEvent(canonicalJson(ofVersion2))).toBeNull()
    expect(readAll(canonicalJson({ ...ofVersion2, schemaVersion: 3 }))).toBeNull()
    expect(readAll(canonicalJson({ ...ofVersion2, schemaVersion: 1 }))).toBeNull()
    expect(readAll(canonicalJson({ ...event, schemaVersion: '1' }))).toBeNull()
    for (const entry of ['null', '[]', '{}', '1', '{"schemaVersion":"__proto__"}'])
      expect(readAll(entry)).toBeNull()
  })

  test('[OPS-01] AUDIT_SCHEMA_VERSION is the version that is written', () => {
    expect(loadSettings({ DATA_DIR: '/tmp/x' }).AUDIT_SCHEMA_VERSION).toBe(String(AUDIT_SCHEMA_VERSION))
  })
})

describe('canonical JSON', () => {
  test('RFC 8785, appendix E and 3.2.3', () => {
    const value: Json = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\ud83d\ude00': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    }
    expect(Object.values(JSON.parse(canonicalJson(value)))).toContain('One')
    expect([...canonicalJson(value).matchAll(/:"([^"]+)"/g)].map((m) => m[1])).toEqual([
      'Carriage Return',
      'One',
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
      'Hebrew Letter Dalet With Dagesh',
    ])
    expect(
      canonicalJson([Number('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001, -0]),
    ).toBe('[333333333.3333333,1e+30,4.5,0.002,1e-27,0]')
    expect(canonicalJson('\u20ac$\u000f\nA\'B"\\\\"/')).toBe('"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"')
  })

  test('[ASVS-1.5.3] any JSON value has one form, and it is JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const text = canonicalJson(value as Json)
        expect(canonicalJson(JSON.parse(text))).toBe(text)
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })

  test('what JSON cannot hold is refused', () => {
    for (const value of [
      undefined,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      '\ud800',
      () => 1,
      { a: undefined },
    ]) {
      expect(() => canonicalJson(value as Json)).toThrow(TypeError)
    }
  })
})

import { generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytesOfVector as bytes, merkleVectors } from '../../../../tests/support/merkle-vectors.ts'
import { auditEvent, decodeEvent, encodeEvent } from './event.ts'
import { createNoteSigner } from './note.ts'
import { readEvent, verifyConsistency, verifyExport, verifyInclusion, verifyReceipt } from './verifier.mjs'

const event = {
  schemaVersion: 1,
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
  details: { maxViews: 3, list: ['a', { b: true }], group: { c: null } },
  personal: { subject: 'sub_1', ciphertext: 'AAAA' },
}

const ODD_VALUES: unknown[] = [
  null,
  0,
  1,
  -0.5,
  true,
  '',
  'a',
  'A',
  'a.b',
  'ada@example.org',
  'x'.repeat(600),
  [],
  {},
  [[]],
  { a: { b: 1 } },
  { 'a b': 1 },
  'evt_0000000000000000000000',
  '2026-02-30T00:00:00.000Z',
  'AU',
  '\ud800',
  'ä',
  { kind: 'user' },
  'AA=',
  Array(101).fill(1),
  Number.POSITIVE_INFINITY,
]

describe('the stand-alone verifier', () => {
  test('[ALV-02] judges 98 inclusion proofs of transparency-dev/merkle as they should be', async () => {
    const all = merkleVectors('inclusion')
    expect(all).toHaveLength(98)
    for (const v of all) {
      const claim = { index: v.leafIdx, size: v.treeSize, leafHash: bytes(v.leafHash), root: bytes(v.root) }
      expect(await verifyInclusion({ ...claim, proof: (v.proof ?? []).map(bytes) }), v.desc).toBe(!v.wantErr)
    }
  })

  test('[ALV-02] judges 98 consistency proofs of transparency-dev/merkle as they should be', async () => {
    const all = merkleVectors('consistency')
    expect(all).toHaveLength(98)
    for (const v of all) {
      const claim = { size1: v.size1, size2: v.size2, root1: bytes(v.root1), root2: bytes(v.root2) }
      expect(await verifyConsistency({ ...claim, proof: (v.proof ?? []).map(bytes) }), v.desc).toBe(
        !v.wantErr,
      )
    }
  })

  test('[ALV-01] judges entries exactly as the portal does', () => {
    const paths = [
      'schemaVersion',
      'id',
      'time',
      'action',
      'actor',
      'actor.kind',
      'actor.pseudonym',
      'actor.role',
      'target',
      'target.type',
      'target.id',
      'outcome',
      'reason',
      'region',
      'requestId',
      'classification',
      'details',
      'details.maxViews',
      'details.new',
      'details.list',
      'details.group',
      'details.group.d',
      'personal',
      'personal.subject',
      'personal.ciphertext',
      'other',
      'actor.other',
      '__proto__',
    ]
    let accepted = 0
    for (const path of paths) {
      for (const value of [...ODD_VALUES, undefined]) {
        const changed = structuredClone(event) as unknown as Record<string, unknown>
        const names = path.split('.')
        const last = names.pop()!
        const parent = names.reduce((at, name) => at[name] as Record<string, unknown>, changed)
        Object.defineProperty(parent, last, { value, enumerable: true, configurable: true, writable: true })
        if (value === undefined) delete parent[last]
        const entry = sortedJson(changed)
        expect(readEvent(entry) !== null, `${path} = ${JSON.stringify(value)?.slice(0, 40)}`).toBe(
          decodeEvent(entry) !== null,
        )
        if (readEvent(entry)) accepted += 1
      }
    }
    expect(accepted).toBeGreaterThan(50)
  })

  test('[ALV-01] [ASVS-1.5.3] knows no second spelling of an entry', () => {
    const entry = encodeEvent(auditEvent.parse(event))
    expect(readEvent(entry)).toEqual(event)
    fc.assert(
      fc.property(fc.nat(entry.length), fc.constantFrom(' ', '\n', '\\u0061', '0', ','), (at, extra) => {
        const changed = entry.slice(0, at) + extra + entry.slice(at)
        expect(readEvent(changed) !== null).toBe(decodeEvent(changed) !== null)
      }),
      { numRuns: 500 },
    )
  })

  const { vkey } = createNoteSigner('portal.example/audit', generateKeyPairSync('ed25519').privateKey)

  test.each([
    '',
    '\n',
    '{}\n',
    'null\n',
    '[]\n',
    '{"type":"seal","note":1}\n',
    '{"type":"header"}\n',
    '\u0000\n',
    '{"type":"entry"}\n'.repeat(3),
  ])('[ALV-02] the file %j is not verified, and breaks nothing', async (text) => {
    const report = await verifyExport([text], { vkeys: [vkey] })
    expect(report.ok).toBe(false)
    expect(report.faults.length).toBeGreaterThan(0)
    expect(report.proved).toEqual([])
  })

  test.each([
    '',
    'c2sp.org/tlog-proof@v1\nindex 0\n\n',
    'c2sp.org/tlog-proof@v1\nextra AAAA\nindex 0\n\nx\n1\n\n',
  ])('[ALV-02] %j is no receipt', async (text) => {
    expect((await verifyReceipt(text, { vkeys: [vkey] })).ok).toBe(false)
  })

  test('a key that is none is said to be none', async () => {
    await expect(verifyExport([], { vkeys: ['portal'] })).rejects.toThrow('not a verifier key')
    await expect(verifyExport([], { vkeys: [vkey.replace('+', 'x+')] })).rejects.toThrow('damaged')
  })
})

function sortedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${sortedJson(member)}`).join(',')}}`
}

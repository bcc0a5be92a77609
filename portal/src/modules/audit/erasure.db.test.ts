import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { shareEvent } from '../../../../tests/support/audit-log.ts'
import { fillLog } from '../../../../tests/support/filled-log.ts'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { dumpOf, tracesIn } from '../../../../tests/support/traces.ts'
import { entriesOf, readRanges } from './archive/range-rows.ts'
import { tendTiers } from './archive/tend-tiers.ts'
import { exportLines } from './export.ts'
import { createSubjectKeys } from './personal.ts'
import { readReceipt } from './receipt.ts'
import { recordEvent } from './record.ts'
import { verifyExport, verifyReceipt } from './verifier.mjs'
import { verifyDatabase } from './verify-database.ts'

const DAY = 86_400_000
const ADDRESS = 'marama.henare@studio-kauri.example'
const PERSON = { email: ADDRESS, name: 'Mārama Hēnare', phone: '+64 21 555 0199' }
const OTHER = 'hemi@studio-kauri.example'

let t: TestApp
const ids: string[] = []
beforeAll(async () => {
  t = await createTestApp()
})
afterAll(() => t?.stop())

const command = () => t.app.newContext({ kind: 'command', id: 'os:0' })

async function tellOf(subject: string, data: Record<string, string>): Promise<void> {
  const event = shareEvent({ action: 'identity.invite', time: t.app.clock(), personal: { subject, data } })
  ids.push((await recordEvent(t.app.pool, event, t.auditLog.subjectKeys)).id)
}

/** Stored files as they lie there, and segments of the archive opened with the archive's key. */
async function files(): Promise<Buffer> {
  const parts: Buffer[] = []
  for (const key of await t.app.ports.storage.list(''))
    parts.push(await buffer(await (await t.app.ports.storage.open(key))!.stream()))
  for (const range of await readRanges(t.app.pool, 0, 1000))
    parts.push(Buffer.from((await entriesOf(t.auditLog.segments, range)).join('\n')))
  return Buffer.concat(parts)
}

const exported = async () => {
  let text = ''
  for await (const line of exportLines(t.auditLog)) text += line
  return text
}

describe('erasing a person', () => {
  it('[ALV-03] [ASVS-14.2.4] leaves every proof from before valid and no trace of the person in any tier', async () => {
    await tellOf(ADDRESS, PERSON)
    await fillLog(t, 300)
    t.advance(200 * DAY)
    await tellOf(ADDRESS, PERSON)
    await fillLog(t, 330)
    await t.app.call(tendTiers, {}, command())
    await tellOf(OTHER, { email: OTHER })
    await tellOf(ADDRESS, PERSON)
    const { note } = await t.auditLog.sequencer.checkpoint()
    expect(await readRanges(t.app.pool, 0, 9)).toMatchObject([{ tier: 'archive' }])

    const { rows } = await t.app.pool.query('select * from subject_keys where pseudonym = $1', [
      await t.auditLog.subjectKeys.pseudonymOf(t.app.pool, ADDRESS),
    ])
    const secrets = { address: ADDRESS, ...PERSON, lookup: rows[0].lookup, key: rows[0].sealed_key }
    const before = await exported()
    const receipts = await Promise.all(ids.map((id) => readReceipt(t.auditLog, id)))
    // The search finds what is there: the keyed lookup and the sealed key stand in the dump before.
    expect(tracesIn(await dumpOf(t), secrets)).toEqual(['lookup', 'key'])

    const subjects = createSubjectKeys(t.app.keys)
    const named = ` ${ADDRESS.toUpperCase()}`
    const pseudonym = await t.app.db.transaction((tx) => subjects.destroy(tx, named))

    await t.auditLog.sequencer.checkpoint()

    expect(tracesIn(await dumpOf(t), secrets)).toEqual([])
    expect(tracesIn(await files(), secrets)).toEqual([])
    expect(tracesIn(Buffer.from(await exported()), secrets)).toEqual([])
    const personal = receipts.map((receipt) => JSON.parse(receipt!.entry))
    expect(personal.filter((event) => event.personal.subject === pseudonym)).toHaveLength(3)
    for (const event of personal) {
      const opened = await subjects.decrypt(t.app.pool, event)
      expect(opened).toEqual(event.personal.subject === pseudonym ? null : { email: OTHER })
    }

    const vkeys = [t.auditLog.vkey]
    for (const receipt of receipts)
      expect(await verifyReceipt(receipt!.text, { vkeys })).toMatchObject({ ok: true })
    expect((await verifyExport([before], { vkeys })).faults).toEqual([])
    expect((await verifyExport([await exported()], { vkeys, oldCheckpoint: note })).faults).toEqual([])
    expect((await verifyDatabase(t.auditLog, note)).faults).toEqual([])
  })
})

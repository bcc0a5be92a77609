import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fillLog } from '../../../../../tests/support/filled-log.ts'
import { createTestApp, type TestApp } from '../../../../../tests/support/test-app.ts'
import { changeDataKey } from '../../access/data-key/rotate-data-key.ts'
import { exportLines } from '../export.ts'
import { indexWords } from '../index-words.ts'
import { searchAudit } from '../queries.ts'
import { readReceipt } from '../receipt.ts'
import { verifyDatabase } from '../verify-database.ts'
import { readRange } from './range-rows.ts'
import { resealSegments } from './reseal-segments.ts'
import { type TierRun, tendTiers } from './tend-tiers.ts'

const DAY = 86_400_000
let t: TestApp
let events: string[]
beforeAll(async () => {
  t = await createTestApp()
  events = await fillLog(t, 600)
})
afterAll(() => t?.stop())

const command = () => t.app.newContext({ kind: 'command', id: 'os:0' })
const tend = (): Promise<TierRun> => t.app.call(tendTiers, {}, command())
const rows = async (text: string, values: unknown[] = []) => (await t.app.pool.query(text, values)).rows
const count = async (text: string) => Number((await rows(`select count(*) as n ${text}`))[0].n)
const faults = async () => (await verifyDatabase(t.auditLog)).faults
const exported = async () => {
  const lines: Record<string, unknown>[] = []
  for await (const line of exportLines(t.auditLog)) lines.push(JSON.parse(line))
  return lines
}
const receipt = (id: string) => readReceipt(t.auditLog, id)

describe('tiers of the log', () => {
  it('[ALV-03] leaves everything hot for 30 days', async () => {
    t.advance(29 * DAY)
    expect(await tend()).toMatchObject({ warmed: 0, archived: 0, sealed: 0, faults: [] })
    expect(await count('from audit_events')).toBeGreaterThanOrEqual(600)
  })

  it('[ALV-03] after 30 days whole ranges are warm: out of the hot table, found by search and proven as before', async () => {
    const before = await receipt(events[5] as string)
    t.advance(2 * DAY)
    expect(await tend()).toMatchObject({ warmed: 2, archived: 0, sealed: 0, faults: [] })
    expect(await count('from audit_events e join audit_leaves l using (xid, seq) where l.index < 512')).toBe(
      0,
    )
    const found = await t.app.call(searchAudit, { target: 'shr_77' }, command())
    expect(found.items[0]?.event).toMatchObject({ details: { n: 77 } })
    expect((await receipt(events[5] as string))?.entry).toBe(before?.entry)
    expect(await faults()).toEqual([])
  })

  it('[ALV-03] after 180 days they are in the archive, compressed and encrypted, and the log names each object', async () => {
    t.advance(150 * DAY)
    expect(await tend()).toMatchObject({ archived: 2, sealed: 0, faults: [] })
    const range = (await readRange(t.app.pool, 0))!
    expect(range).toMatchObject({ tier: 'archive', entries: null, kept: 256 })
    const [event] = (await t.events()).filter(({ action }) => action === 'audit.archive')
    expect(event).toMatchObject({
      target: { type: 'audit_range', id: '0' },
      details: {
        from: 0,
        to: 256,
        object: range.object?.key,
        object_sha256: range.object?.sha256.toString('base64'),
      },
    })
    const size = await count('from audit_events')
    expect(range.object?.bytes).toBeLessThan(40_000)
    expect(size).toBeLessThan(600)
    expect((await receipt(events[5] as string))?.entry).toContain('"n"')
    const { items } = await t.app.call(searchAudit, { target: 'shr_77' }, command())
    expect(items).toMatchObject([
      {
        ...{ event: null, missing: 'archived', proved: true },
        // What it was found by is still shown.
        columns: { event_id: expect.stringMatching(/^evt_/), target_id: 'shr_77', outcome: 'allowed' },
      },
    ])
    expect((await t.auditLog.sequencer.checkpoint()).size).toBeGreaterThan(600)
    expect(await faults()).toEqual([])
  })

  it('[OPS-07] are written anew under another data key: proven as before, the old objects gone, the new ones in the log', async () => {
    const was = await t.app.ports.storage.list('audit/ranges/')
    const before = await receipt(events[5] as string)
    const { to } = await t.app.call(changeDataKey, {}, command())
    const again = (most: number) =>
      resealSegments(t.app, t.app.newContext({ kind: 'system', id: 'test' }), most)
    expect([await again(1), await again(1), await again(1)]).toEqual([true, true, false])
    const objects = await t.app.ports.storage.list('audit/ranges/')
    expect(objects).toHaveLength(2)
    for (const key of objects) expect(key.endsWith(`-${to}`)).toBe(true)
    expect(objects.filter((key) => was.includes(key))).toEqual([])
    expect((await receipt(events[5] as string))?.entry).toBe(before?.entry)
    const told = (await t.events()).filter(({ action }) => action === 'audit.reseal')
    expect(told.map(({ details }) => details?.object)).toEqual(objects)
    expect(await count('from audit_objects')).toBe(2)
    expect(await faults()).toEqual([])
  })

  it('[ALV-03] after 365 days playback events are gone by a seal, the rest stays and every proof holds', async () => {
    await indexWords(t.app.pool, 5000)
    t.advance(190 * DAY)
    const run = await tend()
    // Ranges that the log itself filled meanwhile are younger.
    expect(run).toMatchObject({ sealed: 2, faults: [], swept: 2 })
    const lines = await exported()
    const sealed = lines.filter(({ type }) => type === 'sealed')
    expect(sealed).toMatchObject([
      { from: 0, to: 256, reason: 'playback_older_than_365_days' },
      { from: 256, to: 512, reason: 'playback_older_than_365_days' },
    ])
    const leaves = lines.filter(({ type }) => type === 'leaf')
    expect(leaves).toHaveLength(run.removed)
    expect(run.removed).toBeGreaterThan(100)
    const texts = lines.flatMap(({ entry, index }) =>
      typeof entry === 'string' && Number(index) < 512 ? [entry] : [],
    )
    expect(texts.filter((text) => text.includes('playback.issue'))).toEqual([])
    expect(texts.filter((text) => text.includes('share.revoke')).length).toBeGreaterThan(100)
    expect(await count(`from audit_leaves where index < 512 and action like 'playback.%'`)).toBe(0)
    expect(await count('from audit_search where index < 512')).toBe(512 - run.removed)
    const [seal] = (await t.events()).filter(({ action }) => action === 'audit.seal')
    expect(seal).toMatchObject({
      reason: 'playback_older_than_365_days',
      details: { from: 0, counts: { playback: 64 } },
    })
    expect(await faults()).toEqual([])
  })

  it('[ALV-03] after 2 years the rest is gone too, revocations last; hash tiles stay', async () => {
    t.advance(364 * DAY)
    const run = await tend()
    expect(run.faults).toEqual([])
    expect(await readRange(t.app.pool, 0)).toMatchObject({ tier: 'purged', kept: 0, object: null })
    expect(await count('from audit_leaves where index < 512')).toBe(0)
    expect(await count('from audit_search where index < 512')).toBe(0)
    const stored = await t.app.ports.storage.list('audit/ranges/')
    expect(stored).toEqual(
      (await rows('select object_key from audit_ranges where object_key is not null order by 1')).map(
        ({ object_key }) => object_key,
      ),
    )
    expect(await count('from audit_tiles where level = 0 and n = 0 and octet_length(hashes) = 8192')).toBe(1)
    expect(await faults()).toEqual([])
  })
})

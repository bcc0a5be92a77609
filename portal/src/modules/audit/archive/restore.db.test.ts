import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fillLog } from '../../../../../tests/support/filled-log.ts'
import { runJobs } from '../../../../../tests/support/run-jobs.ts'
import { createTestApp, type TestApp } from '../../../../../tests/support/test-app.ts'
import { verifyDatabase } from '../verify-database.ts'
import { listArchive } from './list-archive.ts'
import { readTiers } from './read-tiers.ts'
import { restoreRange, verifyArchive } from './restore-range.ts'
import { tendTiers } from './tend-tiers.ts'

const DAY = 86_400_000
let t: TestApp
beforeAll(async () => {
  t = await createTestApp()
  await fillLog(t, 530)
  t.advance(200 * DAY)
})
afterAll(() => t?.stop())

const command = () => t.app.newContext({ kind: 'command', id: 'os:0' })
const tend = () => t.app.call(tendTiers, {}, command())
const rows = async (text: string, values: unknown[] = []) => (await t.app.pool.query(text, values)).rows
const stored = () => t.app.ports.storage.list('audit/ranges/')
const alerts = () => rows('select key, audience from alerts where resolved_at is null order by key')
const tiers = () => rows('select n::int, tier from audit_ranges order by n')
const lastRestore = async () => {
  await t.auditLog.sequencer.checkpoint()
  return (await t.app.call(readTiers, {}, command())).lastRestore
}
const runJob = async (name: string) => {
  await t.app.runScheduledJob(name)
  await runJobs(t)
}

/** A portal in which one step breaks off, as a killed process does. */
async function breakingAt(what: 'write' | 'read back' | 'commit') {
  const { storage } = t.app.ports
  const { audit } = t.app
  const killed = async () => Promise.reject(new Error('killed'))
  if (what === 'write') t.app.ports.storage = { ...storage, putFile: killed }
  if (what === 'read back') t.app.ports.storage = { ...storage, open: killed }
  if (what === 'commit') t.app.audit = { ...audit, record: killed }
  try {
    return await tend()
  } finally {
    t.app.ports.storage = storage
    t.app.audit = audit
  }
}

describe('the archive', () => {
  it.each(['write', 'read back', 'commit'] as const)(
    '[ALV-03] lets nothing go where a run breaks off at the %s, and says so',
    async (what) => {
      const run = await breakingAt(what)
      expect(run).toMatchObject({ archived: 0, faults: [expect.stringContaining('range 0: killed')] })
      expect(await tiers()).toEqual([
        { n: 0, tier: 'warm' },
        { n: 1, tier: 'warm' },
      ])
      expect(await alerts()).toEqual([{ key: 'audit.tiers', audience: ['security', 'operations'] }])
      expect((await verifyDatabase(t.auditLog)).faults).toEqual([])
    },
  )

  it('[ALV-03] goes on with the next run; what the broken ones left is swept after a day', async () => {
    // Written, but never read back, and written, but never recorded.
    expect(await stored()).toHaveLength(2)
    expect(await tend()).toMatchObject({ archived: 2, swept: 0, faults: [] })
    expect(await alerts()).toEqual([])
    expect(await stored()).toHaveLength(4)
    t.advance(DAY + 1)
    expect(await tend()).toMatchObject({ swept: 3 })
    const { items } = await t.app.call(listArchive, {}, command())
    expect(await stored()).toEqual(items.map(({ key }) => key))
    expect(items).toMatchObject([
      { n: 0, from: 0, to: 256, kept: 256 },
      { n: 1, from: 256, to: 512, kept: 256 },
    ])
    expect(
      (await t.app.call(readTiers, {}, command())).tiers.map(({ tier, entries }) => [tier, entries]),
    ).toEqual([
      ['hot', expect.any(Number)],
      ['warm', 0],
      ['archive', 512],
      ['purged', 0],
    ])
  })

  it('[ALV-03] is restored and proven by command, one range or all', async () => {
    const one = await t.app.call(restoreRange, { n: 1 }, command())
    expect(await lastRestore()).toEqual({ at: expect.any(String), range: '1', isProven: true })
    expect(one).toMatchObject({ from: 256, to: 512, provenUnder: expect.any(Number) })
    expect(JSON.parse(one.entries[7]!)).toMatchObject({ details: { n: 263 } })
    expect(await verifyArchive(t.app, command(), 'all')).toMatchObject({
      ranges: 2,
      entries: 512,
      faults: [],
    })
    await expect(t.app.call(restoreRange, { n: 2 }, command())).rejects.toMatchObject({ code: 'not_found' })
  })

  it('[ALV-03] one changed byte is found by the command and by the daily drill, which calls security', async () => {
    const [key] = await stored()
    const file = join(t.app.settings.DATA_DIR, 'files', key!)
    const object = await t.app.ports.storage.open(key!)
    const whole = Buffer.concat(await (await object!.stream()).toArray())
    const changed = Buffer.from(whole)
    changed[100]! ^= 1
    await writeFile(file, changed)
    expect((await verifyArchive(t.app, command(), 0)).faults).toEqual([expect.stringContaining('range 0')])
    expect(await lastRestore()).toMatchObject({ range: '0', isProven: false })
    expect((await verifyDatabase(t.auditLog)).faults.map(({ code }) => code)).toContain('archive')
    await rows('select setseed(0)')
    for (let days = 0; (await alerts()).length === 0 && days < 40; days += 1)
      await runJob('audit.archive-drill')
    expect(await alerts()).toEqual([{ key: 'audit.archive', audience: ['security', 'operations'] }])
    const failed = (await t.events()).findLast(
      ({ action, reason }) => action === 'audit.restore' && reason === 'restore_failed',
    )
    expect(failed).toMatchObject({ target: { id: '0' }, outcome: 'failed' })
    await writeFile(file, whole)
    await runJob('audit.archive-drill')
    expect(await alerts()).toEqual([])
    expect((await verifyDatabase(t.auditLog)).faults).toEqual([])
  })
})

describe('storage of the log', () => {
  it('[ALV-08] is measured daily; growth beyond 15 % a quarter is told to finance, until it is below', async () => {
    await runJob('audit.sizes')
    expect((await t.app.call(readTiers, {}, command())).growth).toBeNull()
    const [today] = (await t.app.call(readTiers, {}, command())).days
    const quarterAgo = (bytes: number) =>
      rows(
        `insert into audit_sizes select day - 92, measured_at, events, $1, 0, 0, 0, 0 from audit_sizes where day = $2
        on conflict (day) do update set hot_bytes = excluded.hot_bytes`,
        [Math.round(bytes), today!.day],
      )
    await quarterAgo(today!.totalBytes / 1.2)
    await runJob('audit.sizes')
    expect(await alerts()).toEqual([{ key: 'audit.growth', audience: ['finance'] }])
    expect((await t.app.call(readTiers, {}, command())).growth).toMatchObject({
      isBeyond: true,
      barPercent: 15,
    })
    await quarterAgo(today!.totalBytes / 1.1)
    await runJob('audit.sizes')
    expect(await alerts()).toEqual([])
  })

  it('[ALV-08] an event that can not be written calls security, and its change is not made', async () => {
    await rows('alter table audit_events rename to audit_events_away')
    await expect(t.app.call(restoreRange, { n: 0 }, command())).rejects.toThrow()
    await rows('alter table audit_events_away rename to audit_events')
    expect(await alerts()).toEqual([{ key: 'audit.write', audience: ['security', 'operations'] }])
  })
})

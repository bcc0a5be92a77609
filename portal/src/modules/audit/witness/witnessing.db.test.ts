import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import pino from 'pino'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  createTestAuditLog,
  shareEvent,
  type TestAuditLog,
  tamper,
} from '../../../../../tests/support/audit-log.ts'
import { freePort } from '../../../../../tests/support/stack.ts'
import { startWitnessProcess, type WitnessProcess } from '../../../../../tests/support/witness-process.ts'
import { createAlerts } from '../../../adapters/alerts/table.ts'
import type { App } from '../../../platform/app.ts'
import { loadSettings } from '../../../platform/env.ts'
import { createRecorder } from '../../../platform/telemetry.ts'
import { createAuditReader } from '../audit-reader.ts'
import type { AuditLog } from '../compose-audit.ts'
import { noteText, openCosignature, parseWitnessKey } from '../cosignature.ts'
import { openNote } from '../note.ts'
import { recordEvent } from '../record.ts'
import { readLogResource } from '../serve-log.ts'
import { startWitnessing } from './start-witnessing.ts'
import { tendWitness } from './tend-witness.ts'
import { lookAtLog } from './watch-log.ts'

const NAMES = ['witness.example/w1', 'witness.example/w2']
const TABLES = [
  'audit_events',
  'audit_leaves',
  'audit_tiles',
  'audit_checkpoints',
  'audit_head',
  'audit_cosignatures',
  'audit_witnesses',
]
const CLOCK_SHIFT = fileURLToPath(new URL('../../../../../tests/faults/shifted-clock.ts', import.meta.url))

let audit: TestAuditLog
let log: AuditLog
let witnesses: WitnessProcess[]
/** Ahead of the machine's clock, which the witnesses go by; small, for it is compared with theirs. */
let ahead: number
const now = () => new Date(Date.now() + ahead)
const recorder = createRecorder()

beforeEach(async () => {
  ahead = 0
  audit = await createTestAuditLog(now)
  const start = async (name: string) =>
    // One that is started again takes its port again: nobody else may be given it meanwhile.
    await startWitnessProcess({ logs: [audit.log.vkey], name, port: await freePort() })
  witnesses = await Promise.all(NAMES.map(start))
  log = watchedBy(audit.log, witnesses)
})
afterEach(async () => {
  await Promise.all(witnesses.map((witness) => witness.stop()))
  await audit.close()
})

function watchedBy(opened: AuditLog, by: { vkey: string; url: string }[]): AuditLog {
  const keys = by.map(({ vkey, url }) => ({ ...parseWitnessKey(vkey), vkey, url }))
  return { ...opened, witnesses: keys, policy: { witnesses: keys, required: keys.length } }
}

function parts() {
  const quiet = pino({ level: 'silent' })
  const alerts = createAlerts({ pool: audit.database.pool, log: quiet, clock: now, channels: [] })
  const app = {
    clock: now,
    log: quiet,
    telemetry: { ...recorder, flush: async () => {} },
    ports: { alerts },
    pool: audit.database.pool,
  }
  return { ...app, auditReader: createAuditReader(log), settings: loadSettings({}) } as unknown as App
}

async function record(count: number, action = 'share.create'): Promise<void> {
  for (let n = 0; n < count; n++)
    await recordEvent(audit.database.pool, shareEvent({ action }), audit.log.subjectKeys)
}

/** A head over everything, and what each witness says of it; they may be asked at once, whatever came before. */
async function witnessed(): Promise<(string | undefined)[]> {
  await log.sequencer.checkpoint()
  return await askAll()
}
async function askAll() {
  await audit.database.pool.query('update audit_witnesses set next_at = $1', [now()])
  const answers = await Promise.all(log.witnesses.map((witness) => tendWitness(parts(), log, witness)))
  return answers.map((answer) => answer?.outcome)
}

const openAlerts = async () =>
  (
    await audit.database.pool.query<{ key: string; severity: string }>(
      'select key, severity from alerts where resolved_at is null order by key',
    )
  ).rows.map(({ key, severity }) => `${severity} ${key}`)

/** Keeps a copy of the stored log; what is answered puts it back, as a restore from a backup does. */
async function keep(name = 'kept'): Promise<() => Promise<void>> {
  for (const table of TABLES)
    await audit.database.pool.query(`create table ${name}_${table} as table ${table}`)
  const inserts = TABLES.map(
    (table) => `insert into ${table} overriding system value select * from ${name}_${table};`,
  )
  return async () => {
    await tamper(audit.database.pool, `truncate ${TABLES.join(', ')}; ${inserts.join(' ')}`)
    // Whoever does that takes the machine's own memory away too, or works on another machine.
    const anchorFile = join(audit.folder, `${name}.txt`)
    log = watchedBy(await audit.reopen({ anchorFile }), witnesses)
  }
}

describe('a log with two witnesses', { timeout: 60_000 }, () => {
  test('[ALV-02] [ASVS-16.4.3] has each head cosigned by both; what it serves carries their lines and its own', async () => {
    for (const count of [1, 5, 250, 30]) {
      await record(count)
      expect(await witnessed()).toEqual(['cosigned', 'cosigned'])
    }
    const { body } = (await readLogResource(log.pool, 'checkpoint', log))!
    const note = body.toString()
    expect(note.split('\n')[1]).toBe('286')
    expect(openNote(note, log.headSigner.known)?.text).toBe(noteText(note))
    for (const key of log.witnesses)
      expect(openCosignature(note, noteText(note), key)!.time.getTime()).toBeGreaterThan(Date.now() - 60_000)
    expect(note.split('\n').filter((line) => line.startsWith(`— ${log.origin} `))).toHaveLength(2)
  })

  test('[ALV-02] an idle log’s head is cosigned again after half a minute, and not before', async () => {
    await record(3)
    await witnessed()
    expect(await askAll()).toEqual([undefined, undefined])
    ahead = 31_000
    expect(await askAll()).toEqual(['cosigned', 'cosigned'])
    await log.sequencer.drain()
    const { rows } = await log.pool.query('select count(*)::int as lines from audit_cosignatures')
    expect(rows[0].lines).toBe(3)
    expect((await createAuditReader(log).status()).headAgeMs).toBeLessThan(31_000)
  })

  test('[ALV-02] restored from an older copy and continued differently: both refuse it as a fork, and alert', async () => {
    await record(10)
    await witnessed()
    const restore = await keep()
    await record(10)
    await witnessed()
    const restoreTruth = await keep('truth')
    await restore()
    await record(15, 'share.revoke')
    expect(await witnessed()).toEqual(['forked', 'forked'])
    expect(await openAlerts()).toEqual(NAMES.map((name) => `critical audit.witness_refused:${name}`))
    const { rows } = await log.pool.query(
      'select count(*)::int as lines from audit_cosignatures where size > 10 and key_name = any($1)',
      [NAMES],
    )
    expect(rows[0].lines).toBe(0)
    expect(witnesses[0]!.said()).toContain('REFUSED')
    await restoreTruth()
    await record(1)
    expect(await witnessed()).toEqual(['cosigned', 'cosigned'])
    await lookAtLog(parts())
    expect(await openAlerts()).toEqual([])
  })

  test('[ALV-02] a fork of the same size is found too', async () => {
    await record(10)
    const restore = await keep()
    await record(4)
    await witnessed()
    await restore()
    await record(4, 'share.revoke')
    expect(await witnessed()).toEqual(['forked', 'forked'])
  })

  test('[ALV-02] rolled back: both have seen more', async () => {
    await record(10)
    await witnessed()
    const restore = await keep()
    await record(10)
    await witnessed()
    await restore()
    await record(2)
    expect(await witnessed()).toEqual(['rolled_back', 'rolled_back'])
    expect(await openAlerts()).toEqual(NAMES.map((name) => `critical audit.witness_refused:${name}`))
  })

  test('[ALV-02] cut short, with the checkpoints and all that the portal knew of its witnesses', async () => {
    await record(300)
    await witnessed()
    await tamper(
      audit.database.pool,
      `delete from audit_leaves where index >= 290; delete from audit_events where seq > 290; delete from audit_checkpoints;
       update audit_tiles set hashes = substring(hashes for 34 * 32) where level = 0 and n = 1;
       update audit_head set size = 290; truncate audit_witnesses, audit_cosignatures`,
    )
    log = watchedBy(await audit.reopen({ anchorFile: join(audit.folder, 'none.txt') }), witnesses)
    await record(1)
    expect(await witnessed()).toEqual(['rolled_back', 'rolled_back'])
    expect(await openAlerts()).toHaveLength(2)
  })

  test('[ALV-02] one down: the other goes on; late is told of, and over when it is back', async () => {
    await record(1)
    await witnessed()
    await lookAtLog(parts())
    expect(await openAlerts()).toEqual([])
    await witnesses[1]!.kill()
    await record(1)
    expect(await witnessed()).toEqual(['cosigned', 'unreachable'])
    await lookAtLog(parts())
    expect(await openAlerts()).toEqual([])
    await audit.database.pool.query(
      "update audit_witnesses set cosigned_at = cosigned_at - interval '301 s' where name = $1",
      [NAMES[1]],
    )
    await lookAtLog(parts())
    expect(await openAlerts()).toEqual([`warning audit.witness_late:${NAMES[1]}`])
    const port = Number(new URL(witnesses[1]!.url).port)
    witnesses[1] = await startWitnessProcess({
      logs: [log.vkey],
      name: NAMES[1]!,
      folder: witnesses[1]!.folder,
      port,
    })
    await record(1)
    expect(await witnessed()).toEqual(['cosigned', 'cosigned'])
    await lookAtLog(parts())
    expect(await openAlerts()).toEqual([])
  })

  test('[ALV-02] pauses longer between tries in vain, a minute at most', async () => {
    await record(1)
    await log.sequencer.checkpoint()
    await witnesses[1]!.kill()
    const pauses = []
    for (let tried = 0; tried < 6; tried++) {
      await askAll()
      const { rows } = await log.pool.query(
        'select extract(epoch from next_at - asked_at)::float as pause from audit_witnesses where name = $1',
        [NAMES[1]],
      )
      pauses.push(rows[0].pause)
    }
    for (const [at, least] of [5, 10, 20, 40, 60, 60].entries())
      expect(pauses[at]).toBeGreaterThanOrEqual(least)
    expect(pauses[5]).toBeLessThan(150)
  })

  test('[ALV-02] a witness whose clock is wrong is told of, and its signature not shown', async () => {
    const folder = await mkdtemp('/tmp/mm-clock-')
    await writeFile(join(folder, 'clock'), String(3_600_000))
    const env = {
      FAULTS_CLOCK_FILE: join(folder, 'clock'),
      NODE_OPTIONS: `--import=${pathToFileURL(CLOCK_SHIFT)}`,
    }
    await witnesses[0]!.stop()
    witnesses[0] = await startWitnessProcess({ logs: [log.vkey], name: NAMES[0]!, env })
    log = watchedBy(audit.log, witnesses)
    await record(1)
    expect(await witnessed()).toEqual(['wrong_clock', 'cosigned'])
    expect(await openAlerts()).toEqual([`warning audit.witness_refused:${NAMES[0]}`])
    const { body } = (await readLogResource(log.pool, 'checkpoint', log))!
    expect(openCosignature(body.toString(), noteText(body.toString()), log.witnesses[0]!)).toBeNull()
    await rm(folder, { recursive: true, force: true })
  })

  test('[ALV-02] a witness of another key of this log, of another log, or with another key itself', async () => {
    const strangers = await createTestAuditLog()
    const other = await startWitnessProcess({ logs: [strangers.log.vkey] })
    const elsewhere = await startWitnessProcess({
      logs: [strangers.log.vkey],
      name: 'w.example/3',
    })
    log = watchedBy(audit.log, [other, { vkey: elsewhere.vkey, url: witnesses[0]!.url }])
    await record(1)
    expect(await witnessed()).toEqual(['unknown_key', 'wrong_answer'])
    expect(await openAlerts()).toHaveLength(2)
    await lookAtLog(parts())
    log = watchedBy(audit.log, [])
    await lookAtLog(parts())
    expect(await openAlerts()).toEqual([])
    await Promise.all([other.stop(), elsewhere.stop(), strangers.close()])
  })

  test('[ALV-02] of several processes one asks, each with the newest head; all by themselves', async () => {
    await record(1)
    await log.sequencer.checkpoint()
    const processes = [1, 2, 3].map(() => startWitnessing(parts(), log))
    await expect
      .poll(async () => (await createAuditReader(log).status()).witnesses.map(({ outcome }) => outcome), {
        timeout: 40_000,
      })
      .toEqual(['cosigned', 'cosigned'])
    await Promise.all(processes.map((one) => one.stop()))
    const { rows } = await log.pool.query('select failures, size::int from audit_witnesses')
    expect(rows).toEqual([
      { failures: 0, size: 1 },
      { failures: 0, size: 1 },
    ])
  })
})

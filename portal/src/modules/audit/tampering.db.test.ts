import { execFile } from 'node:child_process'
import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  createTestAuditLog,
  newSigningKey,
  shareEvent,
  signedOnce,
  type TestAuditLog,
  tamper,
} from '../../../../tests/support/audit-log.ts'
import { createRandom } from '../../../../tests/support/random.ts'
import { exportLines } from './export.ts'
import { readReceipt } from './receipt.ts'
import { recordEvent } from './record.ts'
import { verifyExport, verifyReceipt } from './verifier.mjs'
import { verifyDatabase } from './verify-database.ts'

const SEED = 20_260_301
const VERIFIER = fileURLToPath(new URL('./verifier.mjs', import.meta.url))
const TABLES = ['audit_events', 'audit_leaves', 'audit_tiles', 'audit_checkpoints', 'audit_head']

let audit: TestAuditLog
let older: string
let whole: string
let oldCheckpoint: string
const eventIds: string[] = []

async function record(count: number, action: string): Promise<void> {
  for (let n = 0; n < count; n++) {
    const personal =
      n % 10 === 0 ? { subject: `p${n}@example.org`, data: { email: `p${n}@example.org` } } : undefined
    const event = shareEvent({ action, target: { type: 'share', id: `shr_${n}` }, personal })
    eventIds.push((await recordEvent(audit.database.pool, event, audit.log.subjectKeys)).id)
  }
}

async function exported(): Promise<string> {
  let text = ''
  for await (const line of exportLines(audit.log)) text += line
  return text
}

beforeAll(async () => {
  audit = await createTestAuditLog()
  await record(100, 'share.create')
  older = await exported()
  await record(150, 'playback.issue')
  oldCheckpoint = (await audit.log.sequencer.checkpoint()).note
  await record(50, 'share.revoke')
  whole = await exported()
})
afterAll(() => audit.close())

const verify = (bytes: string | Buffer, old: string | null = oldCheckpoint) =>
  verifyExport([bytes], { vkeys: [audit.log.vkey], oldCheckpoint: old ?? undefined })

describe('an export', () => {
  test('[ALV-02] is verified, with a count of each action', async () => {
    const report = await verify(whole)
    expect(report.faults).toEqual([])
    expect(report).toMatchObject({
      ok: true,
      origin: 'portal.example/audit',
      size: 300,
      checkpoints: 3,
      pending: 0,
    })
    expect(report.actions).toEqual({
      'playback.issue': { allowed: 150, refused: 0, failed: 0 },
      'share.create': { allowed: 100, refused: 0, failed: 0 },
      'share.revoke': { allowed: 50, refused: 0, failed: 0 },
    })
    expect(report.proved.join('\n')).toContain(
      'the old checkpoint over 250 entries is the beginning of this log',
    )
    expect((await verify(older, null)).ok).toBe(true)
  })

  test('[ALV-02] is verified however it is cut into chunks', async () => {
    const random = createRandom(SEED)
    for (let run = 0; run < 20; run++) {
      const chunks: string[] = []
      for (let at = 0; at < whole.length; ) {
        const length = 1 + random.below(20_000)
        chunks.push(whole.slice(at, at + length))
        at += length
      }
      expect((await verifyExport(chunks, { vkeys: [audit.log.vkey] })).faults).toEqual([])
    }
  })

  test('[ALV-02] is verified by the one file alone, with no more than Node', async () => {
    const folder = audit.folder
    await copyFile(VERIFIER, join(folder, 'verifier.mjs'))
    await writeFile(join(folder, 'export.jsonl'), whole)
    await writeFile(join(folder, 'old.txt'), oldCheckpoint)
    await writeFile(join(folder, 'cut.jsonl'), whole.slice(0, -1))
    const receipt = (await readReceipt(audit.log, eventIds[42]!))!
    await writeFile(join(folder, 'event.tlog-proof'), receipt.text)
    const run = (...args: string[]) =>
      promisify(execFile)(process.execPath, ['verifier.mjs', ...args], {
        cwd: folder,
        env: { PATH: '' } as unknown as NodeJS.ProcessEnv,
      })
    const { stdout } = await run('export.jsonl', audit.log.vkey, 'old.txt')
    expect(stdout).toMatch(/share\.revoke +50 +0 +0\n/)
    expect(stdout).toMatch(/\nVERIFIED\n$/)
    expect((await run('event.tlog-proof', audit.log.vkey)).stdout).toContain('entry 42 of 300 signed')
    await expect(run('cut.jsonl', audit.log.vkey)).rejects.toMatchObject({ code: 1 })
    await expect(run('export.jsonl', 'nonsense')).rejects.toMatchObject({ code: 2 })
    await expect(run('export.jsonl')).rejects.toMatchObject({ code: 2 })
  })

  test('[ALV-02] any changed character spoils a receipt', async () => {
    const text = signedOnce((await readReceipt(audit.log, eventIds[257]!))!.text)
    const vkeys = [audit.log.vkey]
    expect(await verifyReceipt(text, { vkeys })).toMatchObject({
      ok: true,
      index: 257,
      event: { id: eventIds[257] },
    })
    const random = createRandom(SEED)
    for (let run = 0; run < 300; run++) {
      const at = random.below(text.length)
      const changed = text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1)
      expect({ at, ok: (await verifyReceipt(changed, { vkeys })).ok }).toEqual({ at, ok: false })
    }
  })
})

describe('the stored log', () => {
  let anchor: string
  beforeAll(async () => {
    anchor = await readFile(join(audit.folder, 'anchor.txt'), 'utf8')
    for (const table of TABLES)
      await audit.database.pool.query(`create table kept_${table} as table ${table}`)
  })

  async function restore(): Promise<void> {
    const inserts = TABLES.map(
      (table) => `insert into ${table} overriding system value select * from kept_${table};`,
    )
    await tamper(audit.database.pool, `truncate ${TABLES.join(', ')}; ${inserts.join(' ')}`)
    await writeFile(join(audit.folder, 'anchor.txt'), anchor)
  }

  test('[ALV-02] is verified, again and again, in a process that knows nothing', async () => {
    for (let run = 0; run < 5; run++) {
      const report = await verifyDatabase(await audit.reopen())
      expect(report.faults).toEqual([])
      expect(report.ok).toBe(true)
      await restore()
    }
  })

  test('[ALV-02] is verified with events that came meanwhile, and names what is not yet signed', async () => {
    const late = await audit.database.pool.connect()
    await late.query('begin')
    await recordEvent(late, shareEvent({ action: 'share.late' }), audit.log.subjectKeys)
    const lines = exportLines(audit.log)
    const { value: header } = await lines.next()
    await late.query('commit')
    late.release()
    expect(JSON.parse(header!)).toMatchObject({ type: 'header' })
    await lines.return(undefined)
    const report = await verifyDatabase(audit.log)
    expect(report).toMatchObject({ ok: true, size: 301 })
    await restore()
  })

  test('[ALV-02] is not verified under another key', async () => {
    const stranger = await audit.reopen({
      signingKey: newSigningKey(),
      anchorFile: join(audit.folder, 'none.txt'),
    })
    expect((await verifyDatabase(stranger)).ok).toBe(false)
  })

  test('[ALV-02] erasing a person leaves everything proved', async () => {
    expect(await audit.log.subjectKeys.destroy(audit.database.pool, 'p10@example.org')).not.toBeNull()
    expect((await verifyDatabase(audit.log)).faults).toEqual([])
    expect((await verify(await exported())).ok).toBe(true)
  })
})

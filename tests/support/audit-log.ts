import { createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type pg from 'pg'
import pino from 'pino'
import { createDiskStorage } from '../../portal/src/adapters/storage/disk.ts'
import { type AuditLog, openAuditLog } from '../../portal/src/modules/audit/compose-audit.ts'
import { createNoteSigner, type NoteSigner } from '../../portal/src/modules/audit/note.ts'
import { inTransaction } from '../../portal/src/modules/audit/sql-runner.ts'
import type { AuditEventInput } from '../../portal/src/platform/audit-sink.ts'
import { createTestDatabase } from './database.ts'
import { oneKey } from './one-key.ts'
import type { TestDatabase } from './test-postgres.ts'

export type TestAuditLog = {
  database: TestDatabase
  log: AuditLog
  folder: string
  signingKey: string
  /** Another process's view of the same log. */
  reopen(options?: { signingKey?: string; anchorFile?: string; pool?: pg.Pool }): Promise<AuditLog>
  close(): Promise<void>
}

/** An audit log in a fresh database, with its own key and anchor. */
export async function createTestAuditLog(
  clock: () => Date = () => new Date(),
  given?: TestDatabase,
): Promise<TestAuditLog> {
  const database = given ?? (await createTestDatabase('portal'))
  const folder = await mkdtemp('/tmp/mm-audit-')
  const signingKey = newSigningKey()
  const keys = { hash: randomBytes(32), seal: oneKey() }
  const reopen: TestAuditLog['reopen'] = (options = {}) =>
    openAuditLog({
      pool: options.pool ?? database.pool,
      keys,
      signingKey: options.signingKey ?? signingKey,
      name: 'portal.example/audit',
      anchorFile: options.anchorFile ?? join(folder, 'anchor.txt'),
      storage: createDiskStorage({ folder: join(folder, 'files') }),
      clock,
      log: pino({ level: 'silent' }),
    })
  const log = await reopen()
  return {
    database,
    log,
    folder,
    signingKey,
    reopen,
    async close() {
      await log.sequencer.stop()
      await database.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** An Ed25519 private key, PKCS#8 PEM. */
export function newSigningKey(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

/** A stranger's key under the log's name. */
export const impostor = (signer: NoteSigner): NoteSigner =>
  createNoteSigner(signer.name, createPrivateKey(newSigningKey()))

/** An event of a share, with changes. */
export function shareEvent(change: Partial<AuditEventInput> = {}): AuditEventInput {
  return {
    action: 'share.create',
    actor: { kind: 'user', id: 'usr_1', role: 'agency', groups: [], organisationId: 'org_1' },
    target: { type: 'share', id: 'shr_1' },
    outcome: 'allowed',
    reason: null,
    requestId: 'req_1',
    region: 'AU',
    time: new Date(),
    details: { maxViews: 3 },
    ...change,
  }
}

const AUDIT_TABLES = [
  'audit_events',
  'audit_leaves',
  'audit_tiles',
  'audit_checkpoints',
  'audit_head',
  'audit_ranges',
  'audit_seals',
]

/** Does to the stored log what its triggers forbid, as somebody with the owner's rights could. */
export async function tamper(pool: pg.Pool, statements: string, values?: unknown[]): Promise<void> {
  await inTransaction(pool, async (client) => {
    for (const table of AUDIT_TABLES) await client.query(`alter table ${table} disable trigger user`)
    await client.query(statements, values)
    for (const table of AUDIT_TABLES) await client.query(`alter table ${table} enable trigger user`)
  })
}

/** A note with its first signature alone: a further line that nobody asks for may be lost, and nothing is missed. */
export function signedOnce(text: string): string {
  const lines = text.split('\n')
  const first = lines.findIndex((line) => line.startsWith('— '))
  return `${lines.slice(0, first + 1).join('\n')}\n`
}

import { createPrivateKey } from 'node:crypto'
import type { Pool } from 'pg'
import type { AuditSink } from '#portal/platform/audit-sink.ts'
import type { Keys } from '#portal/platform/keys.ts'
import type { Log } from '#portal/platform/log.ts'
import { type Anchor, fileAnchor } from './anchor.ts'
import { createHeadSigner, type HeadSigner } from './head-signer.ts'
import { createNoteSigner, type NoteSigner, type NoteVerifier } from './note.ts'
import { createSubjectKeys, type SubjectKeys } from './personal.ts'
import { createAuditSink } from './record.ts'
import { createSequencer, type Sequencer } from './sequencer.ts'

export type AuditOptions = {
  pool: Pool
  keys: Pick<Keys, 'hash' | 'seal'>
  /** Ed25519 private key, PKCS#8 PEM. */
  signingKey: string
  /** Name that a new log gets, for example `portal.example.com/audit`; an existing log keeps its own. */
  name: string
  /** File, outside the database, that remembers the newest signed head. */
  anchorFile: string
  retiredKeys?: NoteVerifier[]
  clock: () => Date
  log: Pick<Log, 'warn' | 'error'>
}

/** The audit log, opened: record through `sink`; start the sequencer in one process at least. */
export type AuditLog = {
  origin: string
  /** What an auditor verifies checkpoints with; to be published apart from the log. */
  vkey: string
  pool: Pool
  sink: AuditSink
  subjectKeys: SubjectKeys
  sequencer: Sequencer
  headSigner: HeadSigner
  /** Keys that sign heads and exports; the first is the current one. */
  signers: NoteSigner[]
  anchor: Anchor
  clock: () => Date
}

/** Opens the log in a migrated database; names it at the first opening. */
export async function openAuditLog(options: AuditOptions): Promise<AuditLog> {
  const { pool, clock, log, retiredKeys } = options
  const origin = await nameLog(pool, options.name)
  const signer = createNoteSigner(origin, createPrivateKey(options.signingKey))
  const subjectKeys = createSubjectKeys(options.keys)
  const anchor = fileAnchor(options.anchorFile)
  const headSigner = createHeadSigner({ origin, signers: [signer], retiredKeys, anchor })
  return {
    origin,
    vkey: signer.vkey,
    pool,
    sink: createAuditSink(subjectKeys),
    subjectKeys,
    sequencer: createSequencer({ pool, headSigner, clock, log }),
    headSigner,
    signers: [signer],
    anchor,
    clock,
  }
}

/** Conditional, so that the first of several processes decides. */
async function nameLog(pool: Pool, name: string): Promise<string> {
  await pool.query('update audit_head set origin = $1 where origin is null', [name])
  const { rows } = await pool.query<{ origin: string }>('select origin from audit_head')
  if (!rows[0]) throw new Error('audit_head is empty: the log has lost its head')
  return rows[0].origin
}

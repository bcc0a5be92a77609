import type { Pool } from 'pg'
import type { StoragePort } from '#portal/adapters/storage/port.ts'
import type { AuditSink } from '#portal/platform/audit-sink.ts'
import type { Keys } from '#portal/platform/keys.ts'
import type { Log } from '#portal/platform/log.ts'
import { type Anchor, fileAnchor } from './anchor.ts'
import { createSegmentStore, type SegmentStore } from './archive/segment-store.ts'
import { parseWitnessKey } from './cosignature.ts'
import type { WitnessPolicy } from './cosigned.ts'
import { createHeadSigner, type HeadSigner } from './head-signer.ts'
import { keyFile } from './key-file.ts'
import { isSpent, type KeyRing, openKeyRing } from './key-ring.ts'
import type { NoteSigner, NoteVerifier } from './note.ts'
import { createSubjectKeys, type SubjectKeys } from './personal.ts'
import { createAuditSink } from './record.ts'
import { createSequencer, type Sequencer } from './sequencer.ts'

export type AuditOptions = {
  pool: Pool
  keys: Pick<Keys, 'hash' | 'seal'>
  /** Ed25519 private key, PKCS#8 PEM: the first key of a log that has no key file yet. */
  signingKey?: string
  /** File, outside the database, that holds the keys of the log; without one the first key stays for ever. */
  keyFile?: string
  /** Name that a new log gets, for example `portal.example.com/audit`; an existing log keeps its own. */
  name: string
  /** File, outside the database, that remembers the newest signed head. */
  anchorFile: string
  /** Who cosigns the heads, and how many of them are expected to; all if unset. */
  witnesses?: readonly WitnessAddress[]
  witnessesRequired?: number
  /** Where the archive lies. */
  storage: StoragePort
  clock: () => Date
  log: Pick<Log, 'warn' | 'error'>
}

/** A witness: its verifier key (signature type 0x04), and the URL that `/add-checkpoint` is put behind. */
export type WitnessAddress = { vkey: string; url: string }
export type Witness = NoteVerifier & WitnessAddress

/** The audit log, opened: record through `sink`; start the sequencer in one process at least. */
export type AuditLog = {
  origin: string
  /** What an auditor verifies checkpoints with; to be published apart from the log. */
  readonly vkey: string
  pool: Pool
  sink: AuditSink
  subjectKeys: SubjectKeys
  /** Reads what left the database for the archive. */
  segments: SegmentStore
  sequencer: Sequencer
  headSigner: HeadSigner
  /** Keys that sign heads and exports; the first is the current one. */
  readonly signers: NoteSigner[]
  keys: KeyRing
  /** The key that was given may not sign any more: whoever keeps it is to forget it. */
  isKeySpent: boolean
  anchor: Anchor
  witnesses: readonly Witness[]
  policy: WitnessPolicy
  clock: () => Date
}

/** Opens the log in a migrated database; names it at the first opening. */
export async function openAuditLog(options: AuditOptions): Promise<AuditLog> {
  const { pool, clock, log, signingKey } = options
  const origin = await nameLog(pool, options.name)
  const file = options.keyFile === undefined ? undefined : keyFile(options.keyFile, options.keys.seal)
  const keys = await openKeyRing({ origin, seed: signingKey, file, clock })
  const subjectKeys = createSubjectKeys(options.keys)
  const anchor = fileAnchor(options.anchorFile)
  const headSigner = createHeadSigner({ origin, keys, anchor })
  const witnesses = (options.witnesses ?? []).map((one) => ({ ...parseWitnessKey(one.vkey), ...one }))
  return {
    origin,
    get vkey() {
      return keys.signers()[0]!.vkey
    },
    pool,
    sink: createAuditSink(subjectKeys),
    subjectKeys,
    segments: createSegmentStore({ storage: options.storage, sealKey: options.keys.seal }),
    sequencer: createSequencer({ pool, headSigner, keys, clock, log }),
    headSigner,
    get signers() {
      return keys.signers()
    },
    keys,
    isKeySpent: signingKey !== undefined && isSpent(keys, origin, signingKey),
    anchor,
    witnesses,
    policy: { witnesses, required: options.witnessesRequired ?? witnesses.length },
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

import { readEntry } from './archive/read-entry.ts'
import type { AuditLog } from './compose-audit.ts'
import { cosignedCheckpoint } from './cosigned.ts'
import { inclusionPath, proofOf } from './merkle.ts'
import { runSql } from './sql-runner.ts'
import { nodesFor } from './tree-store.ts'

type ReceiptSource = Pick<AuditLog, 'pool' | 'sequencer' | 'segments' | 'policy' | 'clock'>

/** Proof that one event stands in the log, to be checked offline against the log's verifier key. */
export type Receipt = {
  eventId: string
  index: number
  /** The entry, whose UTF-8 bytes are the leaf. */
  entry: string
  /** Size of the tree that the checkpoint signs. */
  size: number
  /** C2SP tlog-proof, with the entry as its extra data; a file `<event>.tlog-proof`. */
  text: string
}

/**
 * The receipt of an event, under the newest head that covers it and has its witnesses, or else the newest; where none
 * covers it yet, signs one. Null where there is no such event.
 */
export async function readReceipt(audit: ReceiptSource, eventId: string): Promise<Receipt | null> {
  const { pool, sequencer, policy, clock } = audit
  const headOver = (index: number) => cosignedCheckpoint(pool, policy, clock(), index)
  // The newest head covers nearly every event: it is asked for beside the event, and again only where it does not.
  let [leaf, head] = await Promise.all([findEntry(audit, eventId), headOver(-1)])
  if (leaf && head && head.size <= leaf.index) head = await headOver(leaf.index)
  if (!leaf || !head) {
    await sequencer.checkpoint()
    leaf = await findEntry(audit, eventId)
    head = leaf && (await headOver(leaf.index))
  }
  if (!leaf || !head) return null
  const { index, entry } = leaf
  const path = inclusionPath(index, head.size)
  const proof = proofOf(path, await nodesFor(pool, path))
  return { eventId, index, entry, size: head.size, text: formatProof(index, entry, proof, head.note) }
}

/** The entry of an event that has its place in the tree, from whichever tier it lies in; null where there is none. */
export async function findEntry(
  { pool, segments }: Pick<AuditLog, 'pool' | 'segments'>,
  eventId: string,
): Promise<{ index: number; entry: string } | null> {
  const [leaf] = await runSql<{ index: number; entry: string | null }>(
    pool,
    `select l.index, coalesce(e.entry, audit_warm_entry(l.index)) as entry
    from audit_leaves l left join audit_events e on e.xid = l.xid and e.seq = l.seq
    where l.event_id = $1 order by l.index limit 1`,
    [eventId],
    'audit-entry',
  )
  // In the archive, where the database no longer has it.
  const entry = leaf ? (leaf.entry ?? (await readEntry(pool, segments, Number(leaf.index)))) : null
  return leaf && entry !== null ? { index: Number(leaf.index), entry } : null
}

/** C2SP tlog-proof, version 1. */
export function formatProof(index: number, entry: string, proof: Buffer[], checkpoint: string): string {
  const head = ['c2sp.org/tlog-proof@v1', `extra ${Buffer.from(entry).toString('base64')}`, `index ${index}`]
  return `${[...head, ...proof.map((hash) => hash.toString('base64'))].join('\n')}\n\n${checkpoint}`
}

import { readEntry } from './archive/read-entry.ts'
import type { SegmentStore } from './archive/segment-store.ts'
import { inclusionPath, proofOf } from './merkle.ts'
import type { Sequencer } from './sequencer.ts'
import { runSql, type SqlRunner } from './sql-runner.ts'
import { nodesFor, readCheckpoint } from './tree-store.ts'

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
 * The receipt of an event, under the newest signed head that covers it; where none does yet, waits for one.
 * Null where there is no such event.
 */
export async function readReceipt(
  runner: SqlRunner,
  sequencer: Sequencer,
  segments: SegmentStore,
  eventId: string,
): Promise<Receipt | null> {
  let head = await readCheckpoint(runner)
  let leaf = await findLeaf(runner, segments, eventId)
  if (!head || !leaf || leaf.index >= head.size) {
    head = await sequencer.checkpoint()
    leaf = await findLeaf(runner, segments, eventId)
  }
  if (!leaf || leaf.index >= head.size) return null
  const { index, entry } = leaf
  const path = inclusionPath(index, head.size)
  const proof = proofOf(path, await nodesFor(runner, path))
  return { eventId, index, entry, size: head.size, text: formatProof(index, entry, proof, head.note) }
}

async function findLeaf(
  runner: SqlRunner,
  segments: SegmentStore,
  eventId: string,
): Promise<{ index: number; entry: string } | null> {
  const [leaf] = await runSql<{ index: number }>(
    runner,
    'select index from audit_leaves where event_id = $1 order by index limit 1',
    [eventId],
  )
  const entry = leaf ? await readEntry(runner, segments, Number(leaf.index)) : null
  return leaf && entry !== null ? { index: Number(leaf.index), entry } : null
}

/** C2SP tlog-proof, version 1. */
export function formatProof(index: number, entry: string, proof: Buffer[], checkpoint: string): string {
  const head = ['c2sp.org/tlog-proof@v1', `extra ${Buffer.from(entry).toString('base64')}`, `index ${index}`]
  return `${[...head, ...proof.map((hash) => hash.toString('base64'))].join('\n')}\n\n${checkpoint}`
}

import { inclusionPath, proofOf } from './merkle.ts'
import type { Sequencer } from './sequencer.ts'
import { runSql, type SqlRunner } from './sql-runner.ts'
import { nodesFor } from './tree-store.ts'

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
 * The receipt of an event; waits until the event is in the tree and a signed head covers it.
 * Null where there is no such event.
 */
export async function readReceipt(
  runner: SqlRunner,
  sequencer: Sequencer,
  eventId: string,
): Promise<Receipt | null> {
  const { size, note } = await sequencer.checkpoint()
  const [leaf] = await runSql<{ index: number; entry: string }>(
    runner,
    `select l.index, e.entry from audit_leaves l join audit_events e on e.seq = l.seq
      where l.event_id = $1 and l.index < $2 order by l.index limit 1`,
    [eventId, size],
  )
  if (!leaf) return null
  const index = Number(leaf.index)
  const path = inclusionPath(index, size)
  const proof = proofOf(path, await nodesFor(runner, path))
  return { eventId, index, entry: leaf.entry, size, text: formatProof(index, leaf.entry, proof, note) }
}

/** C2SP tlog-proof, version 1. */
function formatProof(index: number, entry: string, proof: Buffer[], checkpoint: string): string {
  const head = ['c2sp.org/tlog-proof@v1', `extra ${Buffer.from(entry).toString('base64')}`, `index ${index}`]
  return `${[...head, ...proof.map((hash) => hash.toString('base64'))].join('\n')}\n\n${checkpoint}`
}

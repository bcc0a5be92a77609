import { createHash } from 'node:crypto'
import type { PoolClient } from 'pg'
import type { AuditLog } from './compose-audit.ts'
import { AUDIT_SCHEMA_VERSION } from './event.ts'
import { type OnLost, readCheckpoints, readLeaves, readUnplaced, type StoredLeaf } from './leaves.ts'
import { signNote } from './note.ts'
import { inSnapshot } from './sql-runner.ts'
import { readCheckpoint } from './tree-store.ts'

/** Sees each stored event as it is exported. */
export type Inspect = (leaf: StoredLeaf) => void | Promise<void>

/**
 * The log as JSON Lines, each with its newline: a header with the newest signed head, every entry in order with each
 * checkpoint behind its last entry, what is recorded behind that head as `pending`, and a signed seal over it all.
 * Waits until all that is committed is in the tree, and reads one state of the database.
 * @throws Error where the head is not signed because the log contradicts an earlier head
 */
export async function* exportLines(audit: AuditLog): AsyncGenerator<string> {
  await audit.sequencer.checkpoint()
  yield* inSnapshot(audit.pool, (client) => logLines(audit, client))
}

/** The same over a transaction that the caller holds. */
export async function* logLines(
  audit: AuditLog,
  client: PoolClient,
  inspect: Inspect = () => {},
  onLost?: OnLost,
) {
  const digest = createHash('sha256')
  let lines = 0
  for await (const value of logValues(audit, client, inspect, onLost)) {
    const line = `${JSON.stringify(value)}\n`
    digest.update(line)
    lines += 1
    yield line
  }
  const text = `${audit.origin} export\nlines ${lines}\nsha256 ${digest.digest('base64')}\n`
  yield `${JSON.stringify({ type: 'seal', note: signNote(text, audit.signers.slice(0, 1)) })}\n`
}

async function* logValues(
  audit: AuditLog,
  client: PoolClient,
  inspect: Inspect,
  onLost?: OnLost,
): AsyncGenerator<object> {
  const head = await readCheckpoint(client)
  yield {
    type: 'header',
    format: 'motion-mavericks-audit-export',
    version: 1,
    origin: audit.origin,
    vkey: audit.vkey,
    schemaVersion: AUDIT_SCHEMA_VERSION,
    exportedAt: audit.clock().toISOString(),
    checkpoint: head?.note ?? '',
  }
  const checkpoints = readCheckpoints(client)
  let next = await checkpoints.next()
  const unsigned: StoredLeaf[] = []
  for await (const leaf of readLeaves(client, audit.segments, onLost)) {
    await inspect(leaf)
    for (; !next.done && next.value.size <= leaf.index!; next = await checkpoints.next())
      yield toCheckpoint(next.value)
    for (const { from, to, reason, sealedAt } of leaf.seals ?? [])
      yield { type: 'sealed', from, to, reason, sealedAt }
    if (leaf.index! < (head?.size ?? 0)) yield toEntry(leaf)
    else unsigned.push(leaf)
  }
  for (; !next.done; next = await checkpoints.next()) yield toCheckpoint(next.value)
  yield* unsigned.map(toPending)
  for await (const leaf of readUnplaced(client)) {
    await inspect(leaf)
    yield toPending(leaf)
  }
}

/** An entry, or its hash alone where a seal removed its text. */
const toEntry = ({ index, entry, leafHash }: StoredLeaf) =>
  entry === null && leafHash
    ? { type: 'leaf', index, leafHash: leafHash.toString('base64') }
    : { type: 'entry', index, entry }
const toCheckpoint = ({ note }: { note: string }) => ({ type: 'checkpoint', note })
const toPending = ({ entry, leafHash }: StoredLeaf) => ({
  type: 'pending',
  entry,
  leafHash: leafHash?.toString('base64') ?? null,
})

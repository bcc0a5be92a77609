import { csvLine } from '#portal/platform/csv.ts'
import { readEntry } from './archive/read-entry.ts'
import type { AuditLog } from './compose-audit.ts'
import { decodeEvent } from './event.ts'
import type { SearchAudit } from './inputs.ts'
import { hashLeaf, inclusionPath, proofOf } from './merkle.ts'
import { formatProof } from './receipt.ts'
import { searchEvents } from './search.ts'
import type { StoredCheckpoint } from './tree-store.ts'
import { nodesFor } from './tree-store.ts'

/** Most events of one file; its last line says so where there are more. */
export const MOST_FOUND = 100_000
const AT_ONCE = 200

type Proven = { index: number; entry: string; proof: Buffer[] }

/**
 * What a search finds, as a file, each event with its place, its leaf hash and its proof of inclusion under one
 * signed head. JSON Lines carry a whole C2SP tlog-proof each, which the offline verifier checks line by line; CSV
 * carries the hashes, for those who calculate themselves. What was recorded while the file is drawn is not in it.
 */
export async function* exportFound(
  log: AuditLog,
  search: Omit<SearchAudit, 'limit' | 'cursor'>,
  format: 'csv' | 'json',
): AsyncGenerator<string> {
  const head = await log.sequencer.checkpoint()
  if (format === 'csv') yield csvLine(Object.keys(COLUMNS))
  let cursor: string | undefined
  for (let rows = 0; rows < MOST_FOUND; rows += AT_ONCE) {
    const page = await searchEvents(log.pool, { ...search, limit: AT_ONCE, cursor })
    const indices = page.items.flatMap(({ index }) => (index !== null && index < head.size ? [index] : []))
    for (const proven of await prove(log, indices, head)) yield lineOf(proven, head, format)
    cursor = page.nextCursor ?? undefined
    if (!cursor) return
  }
  const rest = `cut off after ${MOST_FOUND} events; narrow the search for the rest`
  yield format === 'csv' ? csvLine([rest]) : `${JSON.stringify({ note: rest })}\n`
}

async function prove(log: AuditLog, indices: number[], head: StoredCheckpoint): Promise<Proven[]> {
  const paths = indices.map((index) => inclusionPath(index, head.size))
  const nodes = await nodesFor(log.pool, paths.flat())
  const proven: Proven[] = []
  for (const [place, index] of indices.entries()) {
    const entry = await readEntry(log.pool, log.segments, index)
    // Removed by retention since it was found: its leaf hash stays in the log, its text is nowhere.
    if (entry !== null) proven.push({ index, entry, proof: proofOf(paths[place] ?? [], nodes) })
  }
  return proven
}

function lineOf({ index, entry, proof }: Proven, head: StoredCheckpoint, format: 'csv' | 'json'): string {
  const leafHash = hashLeaf(entry)
  if (format === 'csv') {
    const event = decodeEvent(entry)
    const fields = { index, entry, leafHash, proof, size: head.size }
    return csvLine(Object.values(COLUMNS).map((cell) => cell(event, fields)))
  }
  const line = {
    index,
    leafHash: leafHash.toString('base64'),
    event: JSON.parse(entry),
    receipt: formatProof(index, entry, proof, head.note),
  }
  return `${JSON.stringify(line)}\n`
}

type Event = ReturnType<typeof decodeEvent>
type Cell = (event: Event, fields: Proven & { leafHash: Buffer; size: number }) => string

// Hashes in hexadecimal: base64 may begin with what a spreadsheet takes for a formula.
const COLUMNS: Record<string, Cell> = {
  id: (event) => event?.id ?? '',
  time: (event) => event?.time ?? '',
  action: (event) => event?.action ?? '',
  outcome: (event) => event?.outcome ?? '',
  reason: (event) => event?.reason ?? '',
  actor_kind: (event) => event?.actor.kind ?? '',
  actor: (event) => event?.actor.pseudonym ?? '',
  role: (event) => event?.actor.role ?? '',
  target_type: (event) => event?.target.type ?? '',
  target: (event) => event?.target.id ?? '',
  region: (event) => event?.region ?? '',
  request_id: (event) => event?.requestId ?? '',
  classification: (event) => event?.classification ?? '',
  index: (_, { index }) => String(index),
  leaf_hash: (_, { leafHash }) => leafHash.toString('hex'),
  tree_size: (_, { size }) => String(size),
  inclusion_proof: (_, { proof }) => proof.map((hash) => hash.toString('hex')).join(' '),
  entry: (_, { entry }) => entry,
}

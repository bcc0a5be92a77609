import type { PoolClient } from 'pg'
import { createRangeCheck } from './archive/range-check.ts'
import { LEAF_COLUMNS, readCheckpoints, type StoredLeaf } from './leaves.ts'
import { hashLeaf } from './merkle.ts'
import { isPending } from './pending.ts'
import { createTileCheck } from './tile-check.ts'
import { readHead } from './tree-store.ts'
import { type Fault, readEvent } from './verifier.mjs'

const MAX_FAULTS = 100

/** Compares what is stored beside the entries with the entries, as they come. */
export function createStoredCheck(client: PoolClient) {
  const faults: Fault[] = []
  const fault = (code: string, message: string) => {
    if (faults.length < MAX_FAULTS) faults.push({ code, message })
  }
  const tiles = createTileCheck(client, (message) => fault('tile', message))
  const ranges = createRangeCheck(client, (message) => fault('range', message))
  let placed = 0

  async function inspect(leaf: StoredLeaf): Promise<void> {
    const { entry } = leaf
    const hash = entry === null && leaf.leafHash ? leaf.leafHash : hashLeaf(entry ?? '')
    if (!leaf.leafHash?.equals(hash))
      fault('leaf', `the leaf hash of event ${leaf.seq ?? leaf.index} is not that of its entry`)
    if (leaf.index === null) return
    placed += 1
    await tiles.add(hash)
    await ranges.add(leaf)
    // Of a removed entry nothing may be left to search by.
    const expected = entry === null ? [] : columnsOf(entry)
    for (const [i, name] of LEAF_COLUMNS.entries()) {
      if ((leaf.columns[i] ?? null) !== (expected[i] ?? null))
        fault('column', `${name} of entry ${leaf.index} is not what its entry says`)
    }
  }

  async function checkHead(): Promise<void> {
    const { size, horizon } = await readHead(client)
    if (size !== placed) fault('head', `the head counts ${size} entries, ${placed} are here`)
    const { rows } = await client.query(
      `select count(*)::int as lost from audit_events e
        where not exists (select from audit_leaves l where l.seq = e.seq) and not (${isPending(horizon)})`,
    )
    if (rows[0].lost) fault('lost', `${rows[0].lost} committed event(s) would never enter the tree`)
  }

  async function checkCheckpoints(): Promise<void> {
    let next = 1
    for await (const { size, ordinal, root, note } of readCheckpoints(client)) {
      const [, sizeLine, rootLine] = note.split('\n')
      if (sizeLine !== String(size) || rootLine !== root.toString('base64')) {
        fault('checkpoint', `the checkpoint over ${size} entries is stored beside another size or root`)
      }
      if (ordinal !== next) fault('checkpoint', `checkpoint ${next} is missing`)
      next = ordinal + 1
    }
  }

  async function checkWords(): Promise<void> {
    const { rows } = await client.query<{ index: number; what: string }>(FALSE_WORDS, [MAX_FAULTS])
    for (const { index, what } of rows) fault('words', `the search words of entry ${index} ${what}`)
  }

  return {
    inspect,
    async end(): Promise<Fault[]> {
      await tiles.end()
      await ranges.end()
      await checkWords()
      await checkHead()
      await checkCheckpoints()
      return faults
    },
  }
}

// By what a free-text search finds an entry; of archived ones the text is not at hand. What was removed has none left,
// and up to the newest that has words, each that is searched by columns is searched by words too, in its time.
const FALSE_WORDS = `
  with texts as (
    select l.index, e.entry from audit_leaves l join audit_events e on e.xid = l.xid and e.seq = l.seq
    union all
    select r.n * 256 + warm.place - 1, warm.entry
    from audit_ranges r, unnest(r.entries) with ordinality as warm (entry, place) where r.tier = 'warm'
  )
  select index, 'are not those of its entry' as what from audit_search join texts using (index)
    where words <> audit_words(audit_fields(entry))
  union all
  select index, 'are left, though it was removed' from audit_search kept
    where not exists (select from audit_leaves l where l.index = kept.index)
  union all
  select index, 'are missing' from audit_leaves l
    where index <= (select max(index) from audit_search)
      and not exists (select from audit_search kept where kept.index = l.index)
  union all
  select index, 'would be passed over by their time' from audit_leaves l
    where index <= (select max(index) from audit_search)
      and not exists (select from audit_search_stretches s where s.n = audit_stretch(l.index) and l.time between s.oldest and s.newest)
  order by 1 limit $1`

type Fields = {
  id: string
  time: string
  action: string
  outcome: string
  actor: { pseudonym: string }
  target: { type: string; id: string }
  details: { share_id?: unknown }
}

/** The search columns that an entry gives, in the order of LEAF_COLUMNS. */
function columnsOf(entry: string): (string | null)[] {
  const event = readEvent(entry) as Fields | null
  if (!event) return []
  const { id, time, action, outcome, actor, target } = event
  const share = target.type === 'share' ? target.id : (event.details.share_id ?? null)
  return [
    id,
    time,
    action,
    outcome,
    actor.pseudonym,
    target.type,
    target.id,
    share === null ? null : String(share),
  ]
}

import { signCheckpoint } from '../../portal/src/modules/audit/checkpoint.ts'
import { hashLeaf, type NodeSource, rootAt } from '../../portal/src/modules/audit/merkle.ts'
import type { NoteSigner } from '../../portal/src/modules/audit/note.ts'
import { appendLeaves, nodesFromTiles, tileKey } from '../../portal/src/modules/audit/tiles.ts'
import { impostor } from '../support/audit-log.ts'
import { createRandom, type Random } from '../support/random.ts'

/** Columns that the statements below ask for. */
type Row = {
  key: unknown
  text: string
  bytes: Buffer
  level: number
  n: number
  size: number
  hashes: Buffer
  seq: string
  entry: string
}

/** The stored log in the hands of somebody with the owner's rights: `change` does what the triggers forbid. */
export type StoredLog = {
  query(text: string, values?: unknown[]): Promise<{ rows: Row[] }>
  change(statement: string, values?: unknown[]): Promise<unknown>
}

/** What somebody with the owner's rights may do to the stored log. */
export type DatabaseTampering = (stored: StoredLog, random: Random, signer: NoteSigner) => Promise<unknown>

const anyOf = async (stored: StoredLog, random: Random, query: string): Promise<Row> =>
  random.pick((await stored.query(query)).rows)

const EDIT_TEXT =
  (table: string, column: string, key: string): DatabaseTampering =>
  async (stored, random) => {
    const row = await anyOf(
      stored,
      random,
      `select ${key} as key, ${column} as text from ${table} order by 1`,
    )
    const { text } = row
    const at = random.below(text.length)
    const changed = `${text.slice(0, at)}${text[at] === '#' ? '~' : '#'}${text.slice(at + 1)}`
    await stored.change(`update ${table} set ${column} = $2 where ${key} = $1`, [row.key, changed])
  }

const EDIT_BYTES =
  (table: string, column: string, key: string): DatabaseTampering =>
  async (stored, random) => {
    const row = await anyOf(
      stored,
      random,
      `select ${key} as key, ${column} as bytes from ${table} order by 1`,
    )
    const bytes = Buffer.from(row.bytes)
    bytes[random.below(bytes.length)]! ^= 1 + random.below(255)
    await stored.change(`update ${table} set ${column} = $2 where ${key} = $1`, [row.key, bytes])
  }

const DELETE_ROW =
  (table: string, key: string): DatabaseTampering =>
  async (stored, random) => {
    const row = await anyOf(stored, random, `select ${key} as key from ${table} order by 1`)
    await stored.change(`delete from ${table} where ${key} = $1`, [row.key])
  }

/** Exchanges a column between two random rows. */
const SWAP =
  (table: string, column: string, key: string): DatabaseTampering =>
  async (stored, random) => {
    const { rows } = await stored.query(`select ${key} as key from ${table} order by ${key}`)
    const a = random.below(rows.length)
    const b = (a + 1 + random.below(rows.length - 1)) % rows.length
    await stored.change(
      `update ${table} set ${column} = other.${column} from ${table} other
        where ${table}.${key} in ($1, $2) and other.${key} in ($1, $2) and other.${key} <> ${table}.${key}`,
      [rows[a]!.key, rows[b]!.key],
    )
  }

const STATEMENT =
  (statement: string): DatabaseTampering =>
  (stored) =>
    stored.change(statement)

/** Writes another history over the stored one, whole and in itself sound, signed by `signer`. */
const FORK =
  (signerOf: (signer: NoteSigner) => NoteSigner): DatabaseTampering =>
  async (stored, random, own) => {
    const signer = signerOf(own)
    const { rows } = await stored.query(
      'select e.seq, e.entry from audit_leaves l join audit_events e on e.xid = l.xid and e.seq = l.seq order by l.index',
    )
    const forged = rows[random.below(rows.length)]!
    forged.entry = forged.entry.replace(/"requestId":"[^"]*"/, `"requestId":"req_${random.below(1e9)}"`)
    const tiles = new Map<string, { level: number; n: number; bytes: Buffer }>()
    const hashes: Buffer[] = rows.map(({ entry }) => hashLeaf(entry))
    for (const { id, bytes } of appendLeaves(new Map(), 0, hashes)) tiles.set(tileKey(id), { ...id, bytes })
    const node = nodesFromTiles(new Map([...tiles].map(([key, { bytes }]) => [key, bytes])))
    await stored.change('update audit_events set entry = $2, leaf_hash = $3 where seq = $1', [
      forged.seq,
      forged.entry,
      hashLeaf(forged.entry),
    ])
    for (const { level, n, bytes } of tiles.values())
      await stored.change('update audit_tiles set hashes = $3 where level = $1 and n = $2', [level, n, bytes])
    await signAnew(stored, signer, node)
  }

/** Signs every stored checkpoint again, over the tree as it is now. */
async function signAnew(stored: StoredLog, signer: NoteSigner, node: NodeSource): Promise<void> {
  const { rows } = await stored.query('select size::int from audit_checkpoints')
  for (const { size } of rows) {
    const root = rootAt(size, node)
    const note = signCheckpoint({ origin: signer.name, size, root }, [signer])
    await stored.change('update audit_checkpoints set root = $2, note = $3 where size = $1', [
      size,
      root,
      note,
    ])
  }
}

const SIGN_ANEW: DatabaseTampering = async (stored, _random, signer) => {
  const { rows } = await stored.query('select level, n::int, hashes from audit_tiles')
  const tiles = new Map(rows.map(({ level, n, hashes }) => [tileKey({ level, n }), hashes]))
  await signAnew(stored, impostor(signer), nodesFromTiles(tiles))
}

/** Goes back to a smaller log as if what came later had never been: whole, and signed by the right key. */
const ROLL_BACK: DatabaseTampering = async (stored, random, signer) => {
  const { rows } = await stored.query('select level, n::int, hashes from audit_tiles')
  const size = 1 + random.below(280)
  await stored.change(
    'delete from audit_events where seq in (select seq from audit_leaves where index >= $1)',
    [size],
  )
  await stored.change('delete from audit_leaves where index >= $1', [size])
  await stored.change('delete from audit_checkpoints where size > $1', [size])
  await stored.change('delete from audit_tiles')
  const leaves = rows.filter(({ level }) => level === 0).sort((a, b) => a.n - b.n)
  const hashes = Buffer.concat(leaves.map(({ hashes }) => hashes))
  const kept = Array.from({ length: size }, (_, i) => hashes.subarray(i * 32, i * 32 + 32))
  const tiles = new Map<string, Buffer>()
  for (const { id, bytes } of appendLeaves(new Map(), 0, kept)) {
    tiles.set(tileKey(id), bytes)
    await stored.change('insert into audit_tiles (level, n, hashes) values ($1, $2, $3)', [
      id.level,
      id.n,
      bytes,
    ])
  }
  await stored.change('update audit_head set size = $1', [size])
  const root = rootAt(size, nodesFromTiles(tiles))
  const note = signCheckpoint({ origin: signer.name, size, root }, [signer])
  await stored.change(
    `insert into audit_checkpoints (size, ordinal, root, note, signed_at)
      select $1, coalesce(max(ordinal), 0) + 1, $2, $3, now() from audit_checkpoints on conflict do nothing`,
    [size, root, note],
  )
}

export const DATABASE_TAMPERINGS: Record<string, DatabaseTampering> = {
  'a character of an entry': EDIT_TEXT('audit_events', 'entry', 'seq'),
  'a byte of a leaf hash': EDIT_BYTES('audit_events', 'leaf_hash', 'seq'),
  'a byte of a tile': EDIT_BYTES('audit_tiles', 'hashes', 'level * 1000000 + n'),
  'a byte of a root': EDIT_BYTES('audit_checkpoints', 'root', 'size'),
  'a character of a checkpoint': EDIT_TEXT('audit_checkpoints', 'note', 'size'),
  'a character of an event ID': EDIT_TEXT('audit_leaves', 'event_id', 'index'),
  'a character of an action': EDIT_TEXT('audit_leaves', 'action', 'index'),
  'a character of an actor': EDIT_TEXT('audit_leaves', 'actor', 'index'),
  'a character of a target': EDIT_TEXT('audit_leaves', 'target_id', 'index'),
  'a time': (stored, random) =>
    stored.change("update audit_leaves set time = time + interval '1 ms' where index = $1", [
      random.below(300),
    ]),
  'an event deleted': DELETE_ROW('audit_events', 'seq'),
  'a leaf deleted': DELETE_ROW('audit_leaves', 'index'),
  'a tile deleted': DELETE_ROW('audit_tiles', 'level * 1000000 + n'),
  'a checkpoint deleted': DELETE_ROW('audit_checkpoints', 'size'),
  'two entries swapped': SWAP('audit_events', 'entry', 'seq'),
  'two leaf hashes swapped': SWAP('audit_events', 'leaf_hash', 'seq'),
  'two entries with their hashes swapped': async (stored, random, signer) => {
    const seed = random.below(2 ** 31)
    await SWAP('audit_events', 'entry', 'seq')(stored, createRandom(seed), signer)
    await SWAP('audit_events', 'leaf_hash', 'seq')(stored, createRandom(seed), signer)
  },
  'the places of two events exchanged': async (stored, random) => {
    const a = random.below(300)
    const b = (a + 1 + random.below(299)) % 300
    await stored.change('update audit_leaves set index = index + 1000000 where index in ($1, $2)', [a, b])
    await stored.change(
      'update audit_leaves set index = $1::bigint + $2::bigint - (index - 1000000) where index >= 1000000',
      [a, b],
    )
  },
  'rolled back to any size, signed by the right key': ROLL_BACK,
  'all checkpoints signed anew by a wrong key': SIGN_ANEW,
  'the end cut off': STATEMENT(
    `delete from audit_events where seq in (select seq from audit_leaves where index >= 290);
     delete from audit_leaves where index >= 290; delete from audit_checkpoints where size > 290;
     update audit_tiles set hashes = substr(hashes, 1, 34 * 32) where level = 0 and n = 1;
     update audit_head set size = 290`,
  ),
  'rolled back to the first checkpoint': STATEMENT(
    `delete from audit_events where seq in (select seq from audit_leaves where index >= 100);
     delete from audit_leaves where index >= 100; delete from audit_checkpoints where size > 100;
     delete from audit_tiles where (level, n) <> (0, 0);
     update audit_tiles set hashes = substr(hashes, 1, 100 * 32); update audit_head set size = 100`,
  ),
  'all checkpoints deleted': STATEMENT('delete from audit_checkpoints'),
  'the head moved': STATEMENT('update audit_head set size = size + 1'),
  'the head deleted': STATEMENT('delete from audit_head'),
  'the log renamed': STATEMENT("update audit_head set origin = 'portal.example/other'"),
  'an event kept out of the tree': STATEMENT(
    "insert into audit_events (xid, entry, leaf_hash) values ('3', '{}', sha256('\\x007b7d'))",
  ),
  'an event slipped in': STATEMENT(
    `with forged as (insert into audit_events (entry, leaf_hash) select entry, leaf_hash from audit_events where seq = 5
       returning xid, seq)
     insert into audit_leaves select (select max(index) + 1 from audit_leaves), forged.xid, forged.seq, event_id, time, action, outcome,
       actor, target_type, target_id, share_id from forged, audit_leaves l where l.seq = 5`,
  ),
  'a fork under a wrong key': FORK(impostor),
  'a fork under the right key': FORK((signer) => signer),
}

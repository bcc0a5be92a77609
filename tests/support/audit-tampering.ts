import { createHash, createPrivateKey } from 'node:crypto'
import { signCheckpoint } from '../../portal/src/modules/audit/checkpoint.ts'
import { hashLeaf, type NodeSource, rootAt } from '../../portal/src/modules/audit/merkle.ts'
import { createNoteSigner, type NoteSigner, signNote } from '../../portal/src/modules/audit/note.ts'
import { appendLeaves, nodesFromTiles, tileKey } from '../../portal/src/modules/audit/tiles.ts'
import { newSigningKey } from './audit-log.ts'
import { createRandom, type Random } from './random.ts'

type Line = { type: string; [member: string]: unknown }

/** What somebody may do to an export. `signer` is the log's own key, `older` an honest export of the past. */
export type ExportTampering = (
  text: string,
  random: Random,
  log: { signer: NoteSigner; older: string },
) => Buffer

const linesOf = (text: string) => text.split('\n').slice(0, -1)
const joinLines = (lines: string[]) => Buffer.from(lines.map((line) => `${line}\n`).join(''))

/** Takes bytes out and puts others in. */
function splice(text: string, at: number, deleted: number, ...inserted: number[]): Buffer {
  const bytes = Buffer.from(text)
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(inserted), bytes.subarray(at + deleted)])
}

/** Changes a random character of an entry's text to another that JSON allows. */
function editEntry(line: Line, random: Random): Line {
  const entry = String(line.entry)
  const places = [...entry.matchAll(/[A-Za-z0-9]/g)].map(({ index }) => index)
  const at = random.pick(places)
  return { ...line, entry: `${entry.slice(0, at)}${entry[at] === 'x' ? 'y' : 'x'}${entry.slice(at + 1)}` }
}

/** Builds an export as the portal does, from lines without checkpoint notes and seal. */
function rebuild(lines: Line[], signer: NoteSigner): Buffer {
  const tiles = new Map<string, Buffer>()
  let size = 0
  const noteAt = () =>
    signCheckpoint({ origin: signer.name, size, root: rootAt(size, nodesFromTiles(tiles)) }, [signer])
  const rebuilt = lines.map((line) => {
    if (line.type === 'checkpoint') return { ...line, note: noteAt() }
    if (line.type !== 'entry') return line
    for (const { id, bytes } of appendLeaves(tiles, size, [hashLeaf(String(line.entry))]))
      tiles.set(tileKey(id), bytes)
    size += 1
    return line
  })
  const header = { ...rebuilt[0]!, vkey: signer.vkey, checkpoint: noteAt() }
  return seal([header, ...rebuilt.slice(1)], signer)
}

function seal(lines: Line[], signer: NoteSigner): Buffer {
  const body = joinLines(lines.map((line) => JSON.stringify(line)))
  const sha256 = createHash('sha256').update(body).digest('base64')
  const note = signNote(`${signer.name} export\nlines ${lines.length}\nsha256 ${sha256}\n`, [signer])
  return Buffer.concat([body, Buffer.from(`${JSON.stringify({ type: 'seal', note })}\n`)])
}

const parseBody = (text: string) =>
  linesOf(text)
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line)

function editOneEntry(text: string, random: Random, before = Number.POSITIVE_INFINITY): Line[] {
  const lines = parseBody(text)
  const at = random.pick(lines.flatMap(({ type }, i) => (type === 'entry' && i <= before ? [i] : [])))
  lines[at] = editEntry(lines[at]!, random)
  return lines
}

/** A stranger's key under the log's name. */
const impostor = (signer: NoteSigner) => createNoteSigner(signer.name, createPrivateKey(newSigningKey()))

export const EXPORT_TAMPERINGS: Record<string, ExportTampering> = {
  'a byte': (text, random) => {
    const at = random.below(Buffer.byteLength(text))
    return splice(text, at, 1, Buffer.from(text)[at]! ^ (1 + random.below(255)))
  },
  'a byte deleted': (text, random) => splice(text, random.below(Buffer.byteLength(text)), 1),
  'a byte inserted': (text, random) =>
    splice(text, random.below(Buffer.byteLength(text) + 1), 0, random.below(256)),
  'a line deleted': (text, random) =>
    joinLines(linesOf(text).toSpliced(random.below(linesOf(text).length), 1)),
  'a line doubled': (text, random) => {
    const lines = linesOf(text)
    const at = random.below(lines.length)
    return joinLines(lines.toSpliced(at, 0, lines[at]!))
  },
  'two lines swapped': (text, random) => {
    const lines = linesOf(text)
    const a = random.below(lines.length)
    const b = (a + 1 + random.below(lines.length - 1)) % lines.length
    return joinLines(lines.with(a, lines[b]!).with(b, lines[a]!))
  },
  'the end cut off': (text, random) => Buffer.from(text).subarray(0, random.below(Buffer.byteLength(text))),
  'an entry edited, sealed anew by the right key': (text, random, { signer }) =>
    seal(editOneEntry(text, random), signer),
  'an entry edited, all signed anew by a wrong key': (text, random, { signer }) =>
    rebuild(editOneEntry(text, random), impostor(signer)),
  'the log signed anew by a wrong key': (text, _, { signer }) => rebuild(parseBody(text), impostor(signer)),
  // Behind the newest checkpoint that anybody else holds, nobody can tell.
  'a fork under the right key': (text, random, { signer }) =>
    rebuild(editOneEntry(text, random, 250), signer),
  'an older export': (_text, _random, { older }) => Buffer.from(older),
}

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

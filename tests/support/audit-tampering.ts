import { createHash, createPrivateKey } from 'node:crypto'
import type pg from 'pg'
import { signCheckpoint } from '../../portal/src/modules/audit/checkpoint.ts'
import { hashLeaf, rootAt } from '../../portal/src/modules/audit/merkle.ts'
import { createNoteSigner, type NoteSigner, signNote } from '../../portal/src/modules/audit/note.ts'
import { appendLeaves, nodesFromTiles, tileKey } from '../../portal/src/modules/audit/tiles.ts'
import { newSigningKey, tamper } from './audit-log.ts'
import type { Random } from './random.ts'

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

/** What somebody with the owner's rights may do to the stored log. */
export type DatabaseTampering = (pool: pg.Pool, random: Random, signer: NoteSigner) => Promise<void>

const anyOf = async (pool: pg.Pool, random: Random, query: string): Promise<Record<string, unknown>> =>
  random.pick((await pool.query(query)).rows)

const EDIT_TEXT =
  (table: string, column: string, key: string): DatabaseTampering =>
  async (pool, random) => {
    const row = await anyOf(pool, random, `select ${key} as key, ${column} as text from ${table}`)
    const text = String(row.text)
    const at = random.below(text.length)
    const changed = `${text.slice(0, at)}${text[at] === '#' ? '~' : '#'}${text.slice(at + 1)}`
    await tamper(pool, `update ${table} set ${column} = $2 where ${key} = $1`, [row.key, changed])
  }

const EDIT_BYTES =
  (table: string, column: string, key: string): DatabaseTampering =>
  async (pool, random) => {
    const row = await anyOf(pool, random, `select ${key} as key, ${column} as bytes from ${table}`)
    const bytes = Buffer.from(row.bytes as Buffer)
    bytes[random.below(bytes.length)]! ^= 1 + random.below(255)
    await tamper(pool, `update ${table} set ${column} = $2 where ${key} = $1`, [row.key, bytes])
  }

const DELETE_ROW =
  (table: string, key: string): DatabaseTampering =>
  async (pool, random) => {
    const row = await anyOf(pool, random, `select ${key} as key from ${table}`)
    await tamper(pool, `delete from ${table} where ${key} = $1`, [row.key])
  }

/** Exchanges a column between two random rows. */
const SWAP =
  (table: string, column: string, key: string): DatabaseTampering =>
  async (pool, random) => {
    const { rows } = await pool.query(`select ${key} as key from ${table} order by ${key}`)
    const a = random.below(rows.length)
    const b = (a + 1 + random.below(rows.length - 1)) % rows.length
    await tamper(
      pool,
      `update ${table} set ${column} = other.${column} from ${table} other
        where ${table}.${key} in ($1, $2) and other.${key} in ($1, $2) and other.${key} <> ${table}.${key}`,
      [rows[a].key, rows[b].key],
    )
  }

const STATEMENT =
  (statement: string): DatabaseTampering =>
  (pool) =>
    tamper(pool, statement)

/** Writes another history over the stored one, whole and in itself sound, signed by `signer`. */
const FORK =
  (signerOf: (signer: NoteSigner) => NoteSigner): DatabaseTampering =>
  async (pool, random, own) => {
    const signer = signerOf(own)
    const { rows } = await pool.query(
      'select e.seq, e.entry from audit_leaves l join audit_events e on e.xid = l.xid and e.seq = l.seq order by l.index',
    )
    const forged = random.below(rows.length)
    rows[forged].entry = rows[forged].entry.replace(
      /"requestId":"[^"]*"/,
      `"requestId":"req_${random.below(1e9)}"`,
    )
    const tiles = new Map<string, { level: number; n: number; bytes: Buffer }>()
    const hashes: Buffer[] = rows.map(({ entry }) => hashLeaf(entry))
    for (const { id, bytes } of appendLeaves(new Map(), 0, hashes)) tiles.set(tileKey(id), { ...id, bytes })
    const node = nodesFromTiles(new Map([...tiles].map(([key, { bytes }]) => [key, bytes])))
    await tamper(pool, 'update audit_events set entry = $2, leaf_hash = $3 where seq = $1', [
      rows[forged].seq,
      rows[forged].entry,
      hashes[forged],
    ])
    for (const { level, n, bytes } of tiles.values()) {
      await tamper(pool, 'update audit_tiles set hashes = $3 where level = $1 and n = $2', [level, n, bytes])
    }
    for (const { size } of (await pool.query('select size from audit_checkpoints')).rows) {
      const root = rootAt(size, node)
      const note = signCheckpoint({ origin: signer.name, size, root }, [signer])
      await tamper(pool, 'update audit_checkpoints set root = $2, note = $3 where size = $1', [
        size,
        root,
        note,
      ])
    }
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
  'a time': (pool, random) =>
    tamper(pool, "update audit_leaves set time = time + interval '1 ms' where index = $1", [
      random.below(300),
    ]),
  'an event deleted': DELETE_ROW('audit_events', 'seq'),
  'a leaf deleted': DELETE_ROW('audit_leaves', 'index'),
  'a tile deleted': DELETE_ROW('audit_tiles', 'level * 1000000 + n'),
  'a checkpoint deleted': DELETE_ROW('audit_checkpoints', 'size'),
  'two entries swapped': SWAP('audit_events', 'entry', 'seq'),
  'two leaf hashes swapped': SWAP('audit_events', 'leaf_hash', 'seq'),
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

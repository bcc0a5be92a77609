import { createHash } from 'node:crypto'
import { signCheckpoint } from '../../portal/src/modules/audit/checkpoint.ts'
import { hashLeaf, rootAt } from '../../portal/src/modules/audit/merkle.ts'
import { type NoteSigner, signNote } from '../../portal/src/modules/audit/note.ts'
import { appendLeaves, nodesFromTiles, tileKey } from '../../portal/src/modules/audit/tiles.ts'
import { impostor } from '../support/audit-log.ts'
import type { Random } from '../support/random.ts'

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

import { encodeCursor, type Page, toPage } from '#portal/platform/cursor.ts'
import { type AuditEvent, decodeEvent } from './event.ts'
import { findByWords } from './find-by-words.ts'
import {
  conditionsOf,
  type EventSearch,
  FOUND,
  pendingEvents,
  type Row,
  readRows,
  type SearchColumns,
} from './found-rows.ts'
import { typedWords } from './free-text.ts'
import type { SqlRunner } from './sql-runner.ts'
import { readHead } from './tree-store.ts'

/** One event as a list shows it. */
export type AuditRecord = {
  /** null where its text is not at hand; `missing` says why. */
  event: AuditEvent | null
  /** In the archive, which an export and a receipt read; or no event any more: `audit verify` says more. */
  missing: 'archived' | 'damaged' | null
  /** What it was found by; where its text is not at hand, all there is to show. */
  columns: SearchColumns
  time: string
  /** Position in the tree; null until the sequencer placed it. */
  index: number | null
  /** True once a signed checkpoint covers it. */
  proved: boolean
}

/** Events that meet every condition, newest first, from the moment of their commit on. */
export async function searchEvents(runner: SqlRunner, search: EventSearch): Promise<Page<AuditRecord>> {
  const words = search.text === undefined ? null : typedWords(search.text)
  if (words?.length === 0) return { items: [], nextCursor: null }
  const rows = words ? await findByWords(runner, search, words) : await findByColumns(runner, search)
  const page = toPage(rows, search.limit, ({ at, seq }) => encodeCursor(at, seq))
  return { ...page, items: page.items.map(toRecord) }
}

async function findByColumns(runner: SqlRunner, search: EventSearch): Promise<Row[]> {
  const { horizon } = await readHead(runner)
  return await readRows(runner, (bind) => {
    const where = conditionsOf(search, bind)
    const order = `order by time desc, seq desc limit ${bind(search.limit + 1)}`
    const concerning = search.concerning ? bind(search.concerning) : null
    const also = concerning ? `and (actor = ${concerning} or target_id = ${concerning})` : ''
    return `${leavesIn(where, order, concerning)}
      union all (select ${FOUND} from (${pendingEvents(horizon)}) pending where ${where} ${also} ${order})
      ${order}`
  })
}

/** Each half of what concerns somebody has an index of its own; one condition on both would read all of theirs. */
function leavesIn(where: string, order: string, concerning: string | null): string {
  const page = (also: string) => `(select ${FOUND} from audit_leaves where ${where} ${also} ${order})`
  if (!concerning) return page('')
  return `(select * from (${page(`and actor = ${concerning}`)} union ${page(`and target_id = ${concerning}`)}) both_ends ${order})`
}

function toRecord({ entry, index, at, archived, covered, seq: _, ...columns }: Row): AuditRecord {
  const event = decodeEvent(entry)
  return {
    event,
    columns,
    missing: event ? null : archived ? 'archived' : 'damaged',
    time: event?.time ?? at,
    index: index === null ? null : Number(index),
    proved: covered,
  }
}

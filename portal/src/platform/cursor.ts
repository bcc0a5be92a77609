import { AppError } from './errors.ts'
import { unstorableIn } from './storable-text.ts'

export type Page<T> = { items: T[]; nextCursor: string | null }

/** An opaque place in a list sorted by time and ID. */
export function encodeCursor(at: Date | number | string | null, id: string): string {
  return Buffer.from(JSON.stringify([at instanceof Date ? at.toISOString() : at, id])).toString('base64url')
}

/** @throws AppError invalid for anything that `encodeCursor` did not make */
export function decodeCursor(cursor: string): { at: string | number | null; id: string } {
  try {
    const [at, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[]
    if (
      typeof id === 'string' &&
      id.length <= 100 &&
      unstorableIn(id) === null &&
      (typeof at === 'string' || typeof at === 'number' || at === null)
    ) {
      return { at, id }
    }
  } catch {}
  throw notOurs()
}

const notOurs = () => new AppError('invalid', 'The cursor is not one of ours. Start from the first page.')
const INSTANT = /^(?!0000)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z$/

/**
 * A place in a list sorted by time: `at` as it was written, which the database may know more finely than a Date does.
 * @throws AppError invalid for a cursor of another list, or one that the database could not read
 */
export function decodeInstant(cursor: string): { at: string; instant: Date; id: string } {
  const { at, id } = decodeCursor(cursor)
  const instant = typeof at === 'string' && INSTANT.test(at) ? new Date(at) : null
  if (typeof at !== 'string' || !instant || Number.isNaN(instant.getTime())) throw notOurs()
  return { at, instant, id }
}

/**
 * The same in a list that is sorted by a number beside the time.
 * @throws AppError invalid
 */
export function decodeNumbered(cursor: string): { at: string; id: string } {
  const { at, id } = decodeInstant(cursor)
  if (!/^\d{1,18}$/.test(id)) throw notOurs()
  return { at, id }
}

/** Cuts a list that was read one row too far into a page with its next cursor. */
export function toPage<T>(rows: T[], limit: number, place: (row: T) => string): Page<T> {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return { items, nextCursor: rows.length > limit && last ? place(last) : null }
}

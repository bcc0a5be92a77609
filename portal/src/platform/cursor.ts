import { AppError } from './errors.ts'

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
      (typeof at === 'string' || typeof at === 'number' || at === null)
    ) {
      return { at, id }
    }
  } catch {}
  throw new AppError('invalid', 'The cursor is not one of ours. Start from the first page.')
}

/** Cuts a list that was read one row too far into a page with its next cursor. */
export function toPage<T>(rows: T[], limit: number, place: (row: T) => string): Page<T> {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return { items, nextCursor: rows.length > limit && last ? place(last) : null }
}

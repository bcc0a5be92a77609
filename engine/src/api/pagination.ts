import { ApiError } from '#engine/platform/errors.ts'

const DEFAULT_LIMIT = 25
const MAX_LIMIT = 100

/** `page` counts from 1; `limit` is 1 to 100, 25 by default. Throws 400 on anything else. */
export function readPage(query: URLSearchParams): { limit: number; offset: number; page: number } {
  const limit = Math.min(MAX_LIMIT, readInteger(query, 'limit', DEFAULT_LIMIT))
  const page = readInteger(query, 'page', 1)
  return { limit, page, offset: (page - 1) * limit }
}

function readInteger(query: URLSearchParams, name: string, fallback: number): number {
  const text = query.get(name)
  if (text === null || text === '') return fallback
  if (!/^\d{1,9}$/.test(text) || Number(text) < 1)
    throw new ApiError(400, `${name} must be a positive integer`)
  return Number(text)
}

export type Cursor = { createdAt: Date; id: string }

/** An opaque place in a list that is sorted by (created_at, id), newest first. */
export function writeCursor(last: { created_at: Date; id: string }): string {
  return Buffer.from(`${last.created_at.getTime()} ${last.id}`).toString('base64url')
}

export function readCursor(query: URLSearchParams): Cursor | null {
  const text = query.get('cursor')
  if (!text) return null
  const match = /^(\d{1,13}) ([A-Za-z0-9]{1,64})$/.exec(Buffer.from(text, 'base64url').toString('latin1'))
  if (!match) throw new ApiError(400, 'cursor is not one that this engine gave')
  return { createdAt: new Date(Number(match[1])), id: match[2]! }
}

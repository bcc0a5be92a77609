import { Readable } from 'node:stream'
import type { Context } from 'hono'
import type { Env } from './request-context.ts'

/** A list as a file called `name`, row by row as it is read: CSV, or JSON Lines where `format=json` asks for it. */
export function answerExport(c: Context<Env>, lines: Parameters<typeof Readable.from>[0], name: string) {
  const csv = c.req.query('format') !== 'json'
  return c.body(Readable.toWeb(Readable.from(lines)) as ReadableStream, 200, {
    'content-type': csv ? 'text/csv; charset=utf-8' : 'application/jsonl',
    'content-disposition': `attachment; filename="${name}.${csv ? 'csv' : 'jsonl'}"`,
    'cache-control': 'no-store',
  })
}

import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { OpenAPIHono } from '@hono/zod-openapi'
import { exportAuditEvents } from '#portal/modules/audit/export-events.ts'
import { downloadLog, getLogKeys, readLog } from '#portal/modules/audit/read-log.ts'
import { COSTS } from '#portal/modules/limits/rules.ts'
import { answerExport } from './answer-export.ts'
import { limitTo } from './rate-limit.ts'
import type { Env } from './request-context.ts'

const zip = promisify(gzip)

/** The log itself, as tools that speak C2SP tlog-tiles fetch it. */
export function mountAuditLog(api: OpenAPIHono<Env>): void {
  api.get('/audit/vkeys', limitTo('audit-log'), async (c) =>
    c.json(await c.get('app').call(getLogKeys, {}, c.get('ctx')), 200, { 'cache-control': 'no-cache' }),
  )
  api.get('/audit/*', limitTo('audit-log'), async (c) => {
    const path = c.req.path.slice('/audit/'.length)
    const resource = await c.get('app').call(readLog, { path }, c.get('ctx'))
    const headers = {
      'content-type': resource.contentType,
      'cache-control': resource.isImmutable ? 'private, max-age=31536000, immutable' : 'no-store',
    }
    // Entries are text and shrink to a fifth; hashes don't shrink.
    const isText = path.startsWith('tile/entries/')
    if (!isText || !/\bgzip\b/.test(c.req.header('accept-encoding') ?? ''))
      return c.body(
        new Uint8Array(resource.body),
        200,
        isText ? { ...headers, vary: 'accept-encoding' } : headers,
      )
    return c.body(new Uint8Array(await zip(resource.body)), 200, {
      ...{ ...headers, vary: 'accept-encoding' },
      'content-encoding': 'gzip',
    })
  })
  api.get('/api/admin/audit/found', limitTo('audit-log', COSTS.export), async (c) => {
    const lines = await c.get('app').call(exportAuditEvents, c.req.query(), c.get('ctx'))
    return answerExport(c, lines, 'audit-events')
  })
  api.get('/api/admin/audit/export', limitTo('audit-log', COSTS.export), async (c) => {
    const lines = await c.get('app').call(downloadLog, {}, c.get('ctx'))
    // Read before the answer begins, so that a log that cannot be exported answers an error.
    const header = await lines.next()
    const rest = Readable.from(withFirst(header.value, lines))
    // Where nobody reads on, what was begun above still ends its transaction.
    rest.once('close', () => void lines.return(undefined))
    return c.body(Readable.toWeb(rest) as ReadableStream, 200, {
      'content-type': 'application/jsonl',
      'content-disposition': 'attachment; filename="audit-log.jsonl"',
      'cache-control': 'no-store',
    })
  })
}

async function* withFirst(first: string, rest: AsyncGenerator<string>): AsyncGenerator<string> {
  yield first
  yield* rest
}

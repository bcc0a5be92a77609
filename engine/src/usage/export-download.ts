import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { EngineContext } from '#engine/platform/engine-context.ts'
import { sendError } from '#engine/platform/http.ts'
import { readExport } from './usage-exports.ts'

const DOWNLOAD = /^\/system\/v1\/usage\/exports\/(\d{4}-\d\d-\d\d)\.csv\?([^#]*)$/

/** A URL that opens one day's CSV, without credentials, until `expires` (unix seconds). */
export function exportUrl(ctx: EngineContext, day: string, expires: number): string {
  const query = new URLSearchParams({ expires: String(expires), signature: sign(ctx, day, expires) })
  return `${ctx.settings.publicUrl}/system/v1/usage/exports/${day}.csv?${query}`
}

/** Answers such URLs; false for every other. */
export function createExportDownload(ctx: EngineContext) {
  return (req: IncomingMessage, res: ServerResponse): boolean => {
    const [, day, query] = DOWNLOAD.exec(req.url ?? '') ?? []
    if (!day || (req.method !== 'GET' && req.method !== 'HEAD')) return false
    answer(ctx, req, res, day, new URLSearchParams(query)).catch((error) => {
      ctx.log.error({ err: error }, 'a usage export could not be sent')
      if (res.headersSent) res.destroy()
      else sendError(res, 500, 'Something went wrong in the engine. Try again later.')
    })
    return true
  }
}

async function answer(
  ctx: EngineContext,
  req: IncomingMessage,
  res: ServerResponse,
  day: string,
  query: URLSearchParams,
): Promise<void> {
  const expires = Number(query.get('expires'))
  const given = Buffer.from(query.get('signature') ?? '')
  const right = Buffer.from(sign(ctx, day, expires))
  if (given.length !== right.length || !timingSafeEqual(given, right) || expires * 1000 < +ctx.clock()) {
    sendError(res, 403, 'This link is wrong or has expired.')
    return
  }
  const csv = await readExport(ctx.pool, day)
  if (!csv) {
    sendError(res, 404, 'There is no such export.')
    return
  }
  res.writeHead(200, {
    'content-type': 'text/csv; charset=utf-8',
    'content-length': csv.length,
    'content-disposition': `attachment; filename="usage-${day}.csv"`,
    'cache-control': 'private, no-store',
    'x-content-type-options': 'nosniff',
  })
  res.end(req.method === 'HEAD' ? undefined : csv)
}

function sign(ctx: EngineContext, day: string, expires: number): string {
  const key = hkdfSync('sha256', ctx.settings.sessionSecret, '', 'engine:usage exports', 32)
  return createHmac('sha256', Buffer.from(key)).update(`${day}\n${expires}`).digest('base64url')
}

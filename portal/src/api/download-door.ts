import { Readable } from 'node:stream'
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { askDownload, getDownload } from '#portal/modules/downloads/ask-download.ts'
import { openCopy } from '#portal/modules/downloads/open-copy.ts'
import { takeDownload } from '#portal/modules/downloads/take-download.ts'
import { AppError } from '#portal/platform/errors.ts'
import { guard } from './abuse-guard.ts'
import { limitReading, limitTo } from './rate-limit.ts'
import type { Env } from './request-context.ts'
import { answers, shareParams, viewerOf } from './share-door.ts'

const downloadSchema = z
  .object({
    status: z.enum(['preparing', 'ready', 'failed', 'none']),
    /** Percent. */
    progress: z.int(),
    /** Takes the copy away: once, within a minute, in the same browser. */
    url: z.string().nullable(),
  })
  .openapi('Download')

/** Copies that a share lets its viewers take away. */
export function mountDownloads(api: OpenAPIHono<Env>): void {
  const path = '/api/share/{token}/download'
  const common = {
    path,
    request: { params: shareParams },
    responses: answers(downloadSchema),
    middleware: [guard('link'), limitTo('playback')],
  }
  const ask = createRoute({
    ...common,
    method: 'post',
    operationId: 'share.download',
    summary: 'Ask for the copy that a link allows; spends no view',
  })
  api.openapi(ask, async (c) => {
    const state = await c.get('app').call(askDownload, viewerOf(c), c.get('ctx'))
    return c.json(state, 200, { 'cache-control': 'no-store' })
  })
  const look = createRoute({
    ...common,
    middleware: [guard('link'), limitReading('playback')],
    method: 'get',
    operationId: 'share.download-state',
    summary: 'How far the copy is; changes nothing',
  })
  api.openapi(look, async (c) => {
    const state = await c.get('app').call(getDownload, viewerOf(c), c.get('ctx'))
    return c.json(state, 200, { 'cache-control': 'no-store' })
  })
  mountTake(api)
}

function mountTake(api: OpenAPIHono<Env>): void {
  // Bytes, not JSON, and of no use by script: outside of the document.
  api.get('/api/download/:ticket', limitTo('playback'), async (c) => {
    // Whoever only looks, or fetches ahead, spends nothing.
    if (c.req.method !== 'GET' || c.req.header('sec-purpose'))
      throw new AppError('method_not_allowed', 'A copy is fetched by GET.', { allow: ['GET'] })
    const app = c.get('app')
    const { cookie } = viewerOf(c)
    const taken = await app.call(takeDownload, { ticket: c.req.param('ticket'), cookie }, c.get('ctx'))
    const { bytes, body } = await openCopy(app, taken)
    body.on('error', (error) => app.log.info({ err: error }, 'a download ended early'))
    return c.body(Readable.toWeb(body) as ReadableStream, 200, {
      'cache-control': 'no-store',
      'content-type': taken.fileName.endsWith('.m4a') ? 'audio/mp4' : 'video/mp4',
      'content-disposition': disposition(taken.title, taken.fileName),
      ...(bytes === null ? {} : { 'content-length': String(bytes) }),
    })
  })
}

/** RFC 6266: a plain name for old clients, the whole one beside it. Cut between characters: half of one can't be written. */
export function disposition(title: string, fileName: string): string {
  const whole = title.replace(/[\p{C}"\\/:*?<>|]/gu, ' ').trim()
  const name = `${[...whole].slice(0, 120).join('') || 'video'}${fileName.slice(fileName.lastIndexOf('.'))}`
  const plain = name.replace(/[^\x20-\x7e]/g, '_')
  return `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(name).replaceAll("'", '%27')}`
}

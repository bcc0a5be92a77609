import { setTimeout as pause } from 'node:timers/promises'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context as HonoContext } from 'hono'
import { viewerPoster } from '#portal/modules/playback/viewer-poster.ts'
import { AppError } from '#portal/platform/errors.ts'
import { nonceOf } from '#portal/platform/security-headers.ts'
import { limitTo } from './rate-limit.ts'
import type { Env } from './request-context.ts'
import { viewerOf } from './share-door.ts'
import { readViewerAssets, type ViewerAssets, viewerBuiltAt } from './viewer-assets.ts'
import { viewerPage } from './viewer-page.ts'

/** The page comes without its picture rather than later. */
const POSTER_WAIT_MS = 300

/** Which requests are for the viewer's page, beside the API. */
export const VIEWER_PATH = /^\/(s\/[^/]+\/?$|_viewer\/)/

/** The page behind every share link, and what it is made of. A GET reveals nothing and changes nothing. */
export function mountViewerPage(api: OpenAPIHono<Env>): void {
  const assets = cachedAssets()
  api.get('/s/:token', limitTo('page'), async (c) => {
    const nonce = nonceOf(c.env.incoming.headers['content-security-policy'] as string | undefined) ?? ''
    return c.html(viewerPage(await assets(), nonce, await posterFor(c)), 200, { 'cache-control': 'no-store' })
  })
  api.get('/_viewer/assets/:name', async (c) => {
    const asset = (await assets()).files.get(c.req.path)
    if (!asset) throw new AppError('not_found')
    const accepts = c.req.header('accept-encoding') ?? ''
    const coding =
      asset.br && /\bbr\b/.test(accepts) ? 'br' : asset.gzip && /\bgzip\b/.test(accepts) ? 'gzip' : null
    const body = (coding === 'br' ? asset.br : coding === 'gzip' ? asset.gzip : null) ?? asset.bytes
    return c.body(new Uint8Array(body), 200, {
      'content-type': asset.type,
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'accept-encoding',
      ...(coding ? { 'content-encoding': coding } : {}),
    })
  })
}

/** The picture for a browser that watches already. Who brings no cookie is not looked up at all. */
async function posterFor(c: HonoContext<Env>): Promise<string | null> {
  const { token, cookie } = viewerOf(c)
  if (!cookie || token.length > 200) return null
  const app = c.get('app')
  const found = app.call(viewerPoster, { token, cookie }, c.get('ctx')).catch((error: unknown) => {
    app.log.warn({ err: error }, 'no picture for the viewer’s page')
    return null
  })
  return await Promise.race([found, pause(POSTER_WAIT_MS, null, { ref: false })])
}

/** Read once for each build: in development the page is built while the portal runs. */
function cachedAssets(): () => Promise<ViewerAssets> {
  let builtAt: number | null = null
  let read: Promise<ViewerAssets> | null = null
  return async () => {
    try {
      const now = await viewerBuiltAt()
      if (!read || now !== builtAt) read = readViewerAssets()
      builtAt = now
      return await read
    } catch {
      read = null
      throw new AppError('unavailable', 'The viewer’s page is being built. Try again in a moment.', {
        retryAfterSeconds: 2,
      })
    }
  }
}

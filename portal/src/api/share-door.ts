import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { Context as HonoContext } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { streamSSE } from 'hono/streaming'
import { issuePlayback } from '#portal/modules/playback/issue-playback.ts'
import { KEY_CHANGED } from '#portal/modules/playback/signing-key.ts'
import type { OtherSignIn } from '#portal/modules/sharing/answers.ts'
import { verifyViewerInput } from '#portal/modules/sharing/inputs.ts'
import { openShare } from '#portal/modules/sharing/open-share.ts'
import type { StopReason } from '#portal/modules/sharing/revoke-shares.ts'
import { VIEWER_MEMORY_DAYS } from '#portal/modules/sharing/rules.ts'
import { verifyViewer } from '#portal/modules/sharing/verify-viewer.ts'
import { confirmBlack, getWatchState, watchStop } from '#portal/modules/sharing/watch-stop.ts'
import type { App } from '#portal/platform/app.ts'
import { AppError } from '#portal/platform/errors.ts'
import { gotIn, guard, notice, watches } from './abuse-guard.ts'
import { problemSchema } from './operation-route.ts'
import { limitReading, limitTo } from './rate-limit.ts'
import type { Env } from './request-context.ts'
import { linkSchema, playbackSchema, verifySchema } from './schemas.ts'
import { VIEWER_COOKIE } from './viewer-cookie.ts'

/** As long as a viewer can read what was recorded about them; a session is shorter. */
const COOKIE_DAYS = VIEWER_MEMORY_DAYS
const KEEP_ALIVE_MS = 15_000

const WRONG = {
  code: 'This is not the code we sent, or it is older than ten minutes. Check it, or send a new one.',
  password: 'This password is not right. Ask the person who shared the video.',
}

export const shareParams = z.object({ token: z.string().max(200) })
const refused = {
  description: 'Unknown, expired, revoked or used up: one answer',
  content: { 'application/problem+json': { schema: problemSchema } },
}
/** What a viewer's request is answered: done, or the one refusal. */
export const answers = <T extends z.ZodType>(schema: T) => ({
  200: { description: 'Done', content: { 'application/json': { schema } } },
  403: refused,
})

/** The link and the browser that a viewer's request speaks of. */
export function viewerOf(c: HonoContext<Env>): { token: string; cookie: string | null; proof?: string } {
  const cookie = getCookie(c, VIEWER_COOKIE)
  // RFC 9449's header, for links that open on one device.
  const proof = c.req.header('dpop')
  return {
    token: c.req.param('token') ?? '',
    cookie: cookie && cookie.length <= 200 ? cookie : null,
    ...(proof ? { proof: proof.slice(0, 4000) } : {}),
  }
}

function keepCookie(c: HonoContext<Env>, value: string | null): void {
  if (value)
    setCookie(c, VIEWER_COOKIE, value, {
      path: '/',
      secure: true,
      httpOnly: true,
      sameSite: 'Lax',
      maxAge: COOKIE_DAYS * 86_400,
    })
}

/** What viewers of a share call; the token in the path and the viewer's cookie are all that they have. */
export function mountShareDoor(api: OpenAPIHono<Env>): void {
  mountOpen(api)
  mountVerify(api)
  mountPlay(api)
  mountStop(api)
}

function mountOpen(api: OpenAPIHono<Env>): void {
  const route = createRoute({
    method: 'get',
    path: '/api/share/{token}',
    operationId: 'share.open',
    summary: 'What a live link asks for; changes nothing',
    request: { params: shareParams },
    responses: answers(linkSchema),
    middleware: [guard('link'), limitReading('playback')],
  })
  api.openapi(route, async (c) => {
    const app = c.get('app')
    const opened = await app.call(openShare, viewerOf(c), c.get('ctx'))
    const signIn = opened.needs.includes('account') ? otherSignIn(app) : null
    return c.json({ ...opened, signIn }, 200, { 'cache-control': 'no-store' })
  })
}

/** Where a link for accounts can be signed in for beside the gate's own form, or instead of it. */
function otherSignIn({ ports, settings }: App): OtherSignIn | null {
  const { signInPath, beside } = ports.identity
  if (signInPath) return { path: signInPath, name: 'the sign-in page', only: true, form: false }
  return beside ? { ...beside, only: settings.SSO_REQUIRED, form: true } : null
}

function mountVerify(api: OpenAPIHono<Env>): void {
  const body = verifyViewerInput.omit({ token: true, cookie: true })
  const route = createRoute({
    method: 'post',
    path: '/api/share/{token}/verify',
    operationId: 'share.verify',
    summary: 'One step through the gate: address, code, password',
    request: {
      params: shareParams,
      body: { required: true, content: { 'application/json': { schema: body } } },
    },
    responses: { ...answers(verifySchema), 400: refused },
    middleware: [guard('gate'), limitTo('gate')],
  })
  api.openapi(route, async (c) => {
    const { newCookie, wrong, ...answer } = await c
      .get('app')
      .call(verifyViewer, { ...c.req.valid('json'), ...viewerOf(c) }, c.get('ctx'))
    keepCookie(c, newCookie)
    const { code, password } = c.req.valid('json')
    if (!wrong && (code ?? password) !== undefined) gotIn(c)
    if (wrong) notice(c, wrong === 'code' ? 'code-refused' : 'link-password-refused')
    if (wrong) throw new AppError('invalid', WRONG[wrong], { errors: [{ path: wrong, message: 'is wrong' }] })
    return c.json(answer, 200, { 'cache-control': 'no-store' })
  })
}

function mountPlay(api: OpenAPIHono<Env>): void {
  const route = createRoute({
    method: 'post',
    path: '/api/share/{token}',
    operationId: 'playback.issue',
    summary: 'A fresh playback token; the first of a viewer session spends a view, later ones renew',
    request: { params: shareParams },
    responses: answers(playbackSchema),
    middleware: [guard('link'), limitTo('playback')],
  })
  api.openapi(route, async (c) => {
    const viewer = viewerOf(c)
    const { newCookie, ...answer } = await c.get('app').call(issuePlayback, viewer, c.get('ctx'))
    keepCookie(c, newCookie)
    notice(c, 'link-begun')
    watches(c, newCookie ?? viewer.cookie)
    return c.json(answer, 200, { 'cache-control': 'no-store' })
  })
}

function mountStop(api: OpenAPIHono<Env>): void {
  // Event streams are outside OpenAPI's vocabulary; the path is described in docs/api.md.
  api.get('/api/share/:token/events', guard('link'), limitTo('playback'), async (c) => {
    const app = c.get('app')
    const viewer = viewerOf(c)
    const { actor, country } = c.get('ctx')
    const reread = () => app.call(getWatchState, viewer, app.newContext(actor, { country }))
    const state = await reread()
    c.header('cache-control', 'no-store')
    c.header('x-accel-buffering', 'no')
    return streamSSE(c, async (stream) => {
      const stopped = new Promise<StopReason | null>((resolve) => {
        const release = watchStop(app, state, reread, {
          onStop: resolve,
          onMoved: () => void stream.writeSSE({ event: 'moved', data: '{}' }),
        })
        stream.onAbort(() => {
          release()
          resolve(null)
        })
      })
      const beat = setInterval(() => void stream.write(': keep-alive\n\n'), KEEP_ALIVE_MS)
      // After a compromise of the signing key: the page asks for a token of the new one before it needs it.
      const renew = () => void stream.writeSSE({ event: 'renew', data: '{}' })
      const unsubscribe = app.notices.subscribe(KEY_CHANGED, (body) => body.renew === 1 && renew())
      await stream.writeSSE({ event: 'watching', data: '{}' })
      const reason = await stopped
      unsubscribe()
      clearInterval(beat)
      if (reason) await stream.writeSSE({ event: 'stopped', data: JSON.stringify({ reason }) })
    })
  })

  const route = createRoute({
    method: 'post',
    path: '/api/share/{token}/stopped',
    operationId: 'playback.stopped',
    summary: "The viewer's page reports that its picture has gone black",
    request: { params: shareParams },
    responses: answers(z.object({ blackAfterMs: z.int() })),
    middleware: [guard('link'), limitTo('playback')],
  })
  api.openapi(route, async (c) =>
    c.json(await c.get('app').call(confirmBlack, viewerOf(c), c.get('ctx')), 200),
  )
}

import { VIEWER_COOKIE } from '../../portal/src/api/viewer-cookie.ts'
import type { TestApp } from '../support/test-app.ts'
import { serveTestApp, type TestHttp } from '../support/test-http.ts'
import { type Verdict, verdictOfStatus } from './verdict.ts'

export type HttpRoute = { action: string; method: string; path: string }

/** Every route of the OpenAPI document, by the operation it opens: named there as x-operation. */
export async function httpRoutes(t: TestApp): Promise<HttpRoute[]> {
  const http = await serveTestApp(t)
  const answer = await http.send('GET', '/api/openapi.json')
  const { paths } = (await answer.json()) as {
    paths: Record<string, Record<string, { 'x-operation'?: string }>>
  }
  await http.stop()
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { 'x-operation': action }]) =>
      action ? [{ action, method: method.toUpperCase(), path }] : [],
    ),
  )
}

/** Sends an operation's input through a route: path parameters by name, the viewer's cookie as one, the rest as it goes. */
export async function callByHttp(
  http: TestHttp,
  route: HttpRoute,
  input: Record<string, unknown>,
  seen: (result: unknown) => Verdict,
): Promise<{ actual: Verdict | null; answer: string }> {
  const rest = { ...input }
  const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const key = name === 'link' ? 'token' : name
    const value = String(rest[key])
    delete rest[key]
    return encodeURIComponent(value)
  })
  if (rest.body instanceof Uint8Array) return await sendRaw(http, route, rest)
  const { cookie, ...body } = rest
  const headers = typeof cookie === 'string' ? { cookie: `${VIEWER_COOKIE}=${cookie}` } : undefined
  const query = route.method === 'GET' ? `?${new URLSearchParams(body as Record<string, string>)}` : ''
  const answer = await http.send(route.method, `${path}${query}`, {
    ...(route.method === 'GET' || route.method === 'DELETE' ? {} : { body }),
    ...(headers ? { headers } : {}),
  })
  const text = await answer.text()
  const verdict = verdictOfStatus(answer.status)
  return {
    actual: answer.ok && text ? seen(JSON.parse(text)) : verdict,
    answer: `${answer.status} ${answer.ok ? '' : text}`.trim(),
  }
}

/** A webhook's route: the bytes as they are, the signature beside them. */
async function sendRaw(http: TestHttp, { method, path }: HttpRoute, input: Record<string, unknown>) {
  const answer = await http.send(method, path, {
    body: new TextDecoder().decode(input.body as Uint8Array),
    headers: { 'mux-signature': String(input.signature) },
  })
  return { actual: verdictOfStatus(answer.status), answer: `${answer.status} ${await answer.text()}` }
}

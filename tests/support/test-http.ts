import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { createApi } from '../../portal/src/api/routes.ts'
import { onceWhole } from '../../portal/src/platform/whole-body.ts'
import { listenOnFreePort } from './listen.ts'
import type { TestApp } from './test-app.ts'

export type TestHttp = {
  origin: string
  /** A request with a browser's headers; `cookie` is kept between calls like a browser would. */
  send(
    method: string,
    path: string,
    options?: { body?: unknown; headers?: Record<string, string> },
  ): Promise<Response>
  signIn(email: string, password: string): Promise<Response>
  stop(): Promise<void>
}

/** The HTTP door of a test app on a free port, with one client's cookie jar. */
export async function serveTestApp(t: TestApp): Promise<TestHttp> {
  const server = createServer(
    onceWhole(getRequestListener(createApi(t.app).fetch, { overrideGlobalObjects: false })),
  )
  const { origin, stop } = await listenOnFreePort(server)
  const jar = new Map<string, string>()
  const send: TestHttp['send'] = async (method, path, { body, headers = {} } = {}) => {
    const answer = await fetch(`${origin}${path}`, {
      method,
      headers: {
        origin: t.app.settings.PUBLIC_URL,
        'sec-fetch-site': 'same-origin',
        cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    for (const cookie of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      jar.set(name, value)
    }
    return answer
  }
  return {
    origin,
    send,
    signIn: (email, password) => send('POST', '/api/auth/sign-in/email', { body: { email, password } }),
    stop,
  }
}

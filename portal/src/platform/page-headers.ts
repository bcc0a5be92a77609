import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { App } from './app.ts'
import { securityHeaders } from './security-headers.ts'

/** Sets the policy on the answer, and on the request, where Next finds the nonce for its scripts. */
export function pageHeaders(app: App, req: IncomingMessage, res: ServerResponse, dev: boolean): void {
  const headers = securityHeaders({
    nonce: randomBytes(18).toString('base64'),
    dev,
    secure: app.settings.PUBLIC_URL.startsWith('https:'),
    mediaOrigins: app.ports.video.mediaOrigins,
    uploadOrigins: app.ports.video.uploadOrigins,
  })
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value)
  req.headers['content-security-policy'] = headers['content-security-policy']
}

/** Says nothing but that this browser opened a page and keeps cookies: without them nobody can be signed in. */
export const VISIT_COOKIE = '__Host-mm-visit'
const HAS_VISITED = new RegExp(`(^|; )${VISIT_COOKIE}=`)

/** Sets the mark where a browser opens a page and brings none. Ends with the browser's session. */
export function markVisit({ method, headers }: IncomingMessage, res: ServerResponse): void {
  const opens = method === 'GET' && /\btext\/html\b/.test(headers.accept ?? '')
  if (opens && !HAS_VISITED.test(headers.cookie ?? ''))
    res.appendHeader('set-cookie', `${VISIT_COOKIE}=1; Path=/; Secure; HttpOnly; SameSite=Lax`)
}

/** Whether a browser sends this and keeps no cookies: only browsers say what a request is for (Fetch Metadata). */
export function keepsNoCookies(headers: Headers): boolean {
  return headers.has('sec-fetch-dest') && !HAS_VISITED.test(headers.get('cookie') ?? '')
}

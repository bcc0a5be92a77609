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

import type { IncomingMessage, ServerResponse } from 'node:http'
import { abuseWatchOf } from '#portal/modules/abuse/watch-abuse.ts'
import type { App } from '#portal/platform/app.ts'
import { placeOf } from './abuse-guard.ts'
import { clientAddress, proxyTrust } from './client-address.ts'

/** The engine's own API and uploads, whose callers have no playback token. */
const NO_MEDIA = /^\/(video|system|upload)\//

/**
 * Notices media that is asked for with a token that does not hold. A forged token gains nothing, and others may watch from
 * the same address: the rule only tells, and nobody's picture hangs on it.
 */
export function watchMedia(app: App): (req: IncomingMessage, res: ServerResponse, path: string) => void {
  const trust = proxyTrust(app.settings.TRUST_PROXY, app.settings.TRUSTED_PROXIES)
  return (req, res, path) => {
    if (req.method !== 'GET' || NO_MEDIA.test(path)) return
    res.once('finish', () => {
      if (res.statusCode !== 403) return
      const forwarded = req.headers['x-forwarded-for']
      const ip = clientAddress(req.socket.remoteAddress, [forwarded ?? []].flat().join(), trust)
      abuseWatchOf(app).notice('media-refused', placeOf(app, ip))
    })
  }
}

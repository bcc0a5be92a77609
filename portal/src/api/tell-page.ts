import type { IncomingMessage } from 'node:http'
import type { Settings } from '#portal/platform/env.ts'
import { PAGE_ADDRESS, PAGE_PATH } from '#portal/platform/page-request.ts'
import { clientAddress, proxyTrust } from './client-address.ts'

/** Writes on each request for a page what the page can't know by itself: which one it is, and from where it is asked. */
export function pageTeller({
  TRUST_PROXY,
  TRUSTED_PROXIES,
}: Pick<Settings, 'TRUST_PROXY' | 'TRUSTED_PROXIES'>): (req: IncomingMessage, path: string) => void {
  const trust = proxyTrust(TRUST_PROXY, TRUSTED_PROXIES)
  return (req, path) => {
    const forwarded = [req.headers['x-forwarded-for'] ?? []].flat().join(',')
    req.headers[PAGE_ADDRESS] = clientAddress(req.socket.remoteAddress, forwarded, trust)
    req.headers[PAGE_PATH] = path
  }
}

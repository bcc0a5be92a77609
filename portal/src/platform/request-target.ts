import type { IncomingMessage } from 'node:http'

/**
 * Brings a request's target into the one form that every door judges, and says whether there is one: a path of ours without
 * dot segments, with the host that was meant. Else limits, body rules and routes could each read another path out of the same
 * bytes. Browsers send this form; a target with a host in it overrules the Host header (RFC 9112, 3.2.2). Two Host headers
 * name two places: Node takes the first, and a proxy in front may have taken the other (3.2).
 */
export function settleTarget(req: Pick<IncomingMessage, 'url' | 'headers' | 'rawHeaders'>): boolean {
  if (hasTwoHosts(req.rawHeaders)) return false
  const target = req.url ?? '/'
  const isPath = target.startsWith('/')
  if (isPath && !/\/\.|%2e|\\/i.test(target.split('?', 1)[0] as string)) return true
  const url = URL.parse(isPath ? `http://localhost${target}` : target)
  if (!url || !/^https?:$/.test(url.protocol)) return false
  if (!isPath) req.headers.host = url.host
  req.url = `${url.pathname}${url.search}`
  return true
}

function hasTwoHosts(rawHeaders: readonly string[]): boolean {
  let hosts = 0
  for (let at = 0; at < rawHeaders.length; at += 2) if (/^host$/i.test(rawHeaders[at] as string)) hosts += 1
  return hosts > 1
}

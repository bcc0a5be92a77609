import { lookup as systemLookup } from 'node:dns'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { LookupFunction } from 'node:net'
import ipaddr from 'ipaddr.js'

/** Why an address that somebody else named is not asked. The message is a sentence for people. */
export class OutboundRefusal extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'OutboundRefusal'
  }
}

/**
 * Keeps requests to addresses that API users name (inputs, webhooks) out of this machine and its networks: a server
 * that fetches what it is told would else lend its place in the network to whoever tells it (CWE-918).
 */
export type OutboundGuard = {
  /** The URL in its one normal form. Throws OutboundRefusal; names are not looked up yet. */
  check(url: string): URL
  /** For node:http and node:https: a name is looked up once, and the connection goes to what was checked. */
  agentFor(url: URL): HttpAgent | HttpsAgent
}

const NOT_PUBLIC = 'The host of this URL is not on the public internet.'

/**
 * `allowed` names hosts (`media.internal`, or `127.0.0.1:8080` for one port only) that may be asked wherever they are;
 * `*` allows all, for tests.
 */
export function createOutboundGuard(allowed: string[] = []): OutboundGuard {
  const exempt = (url: URL) =>
    allowed.includes('*') ||
    allowed.some((each) => each.toLowerCase() === url.hostname || each.toLowerCase() === url.host)
  return {
    check(text) {
      const url = URL.parse(text)
      if (!url || !/^https?:$/.test(url.protocol) || url.hostname === '') {
        throw new OutboundRefusal('This is not an http or https URL.')
      }
      if (exempt(url)) return url
      const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80))
      if (port !== 80 && port !== 443 && port < 1024)
        throw new OutboundRefusal(`Port ${port} is not one of web servers.`)
      // URL has turned 0x7f.1, 2130706433, 0177.0.0.1 and full-width digits into dotted decimals by now.
      const literal = url.hostname.replace(/^\[|\]$/g, '')
      if (ipaddr.isValid(literal) && !isPublicAddress(literal)) throw new OutboundRefusal(NOT_PUBLIC)
      if (isLocalName(url.hostname)) throw new OutboundRefusal(NOT_PUBLIC)
      return url
    },
    agentFor(url) {
      const Agent = url.protocol === 'https:' ? HttpsAgent : HttpAgent
      return new Agent({ keepAlive: false, ...(exempt(url) ? {} : { lookup: publicLookup }) })
    },
  }
}

/** Unicast on the public internet. An IPv6 address that carries an IPv4 one in it counts as neither. */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false
  const parsed = ipaddr.parse(address)
  if (parsed.range() !== 'unicast') return false
  if (parsed instanceof ipaddr.IPv4) return true
  // 2000::/3 is all that was ever given out; ISATAP (RFC 5214) hides an IPv4 address at the end.
  const [first = 0, , , , , isatap] = parsed.parts
  return first >> 13 === 1 && isatap !== 0x5efe
}

function isLocalName(hostname: string): boolean {
  const name = hostname.replace(/\.$/, '')
  return /(^|\.)(localhost|local|internal|localdomain|home\.arpa|onion)$/.test(name)
}

/** One address that is not public refuses the name: which of them would be taken is not ours to choose. */
const publicLookup: LookupFunction = (hostname, options, done) => {
  systemLookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return done(error, '')
    const [first] = addresses
    if (!first || !addresses.every(({ address }) => isPublicAddress(address))) {
      return done(new OutboundRefusal(NOT_PUBLIC), '')
    }
    if (options.all) done(null, addresses)
    else done(null, first.address, first.family)
  })
}

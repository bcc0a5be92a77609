import { lookup as systemLookup } from 'node:dns'
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { LookupFunction } from 'node:net'
import { Readable } from 'node:stream'
import ipaddr from 'ipaddr.js'

/** Why an address was not asked. Holds no part of the URL, which may be a secret. */
export class OutsideRefusal extends Error {
  constructor(message = 'its name leads to an address that is not on the public internet') {
    super(message)
    this.name = 'OutsideRefusal'
  }
}

export type OutsideInit = {
  method?: string
  headers?: HeadersInit
  body?: string | Buffer | URLSearchParams | undefined
  signal?: AbortSignal | undefined
}

/** `fetch` for what a setting, a vendor's document or a person names. */
export type OutsideFetch = (url: string | URL, init?: OutsideInit) => Promise<Response>

export type OutsideOptions = {
  /** URLs out of settings: an address that stands there as itself, or `localhost`, is meant as it is. */
  named?: readonly (string | undefined)[]
  /** Hosts (`name`, or `name:port` for one port only) that may be asked although they are not public. */
  privateHosts?: readonly string[] | undefined
  /** The system's name service. */
  resolve?: typeof systemLookup
}

/**
 * Keeps requests on the public internet (CWE-918): the URL is judged in its one normal form, its name is looked up once,
 * the connection goes to the address that was judged, and nothing is followed. A name that changes its address between
 * two look-ups is judged by the one that is used.
 */
export function createOutsideFetch(options: OutsideOptions = {}): OutsideFetch {
  const agentFor = createOutsideAgents(options)
  return async (target, init = {}) => {
    const url = URL.parse(target)
    if (!url) throw new OutsideRefusal('it is no URL')
    const agent = agentFor(url)
    const request = url.protocol === 'https:' ? httpsRequest : httpRequest
    const body = init.body instanceof URLSearchParams ? init.body.toString() : init.body
    const headers = new Headers(init.headers)
    if (init.body instanceof URLSearchParams && !headers.has('content-type'))
      headers.set('content-type', 'application/x-www-form-urlencoded')
    if (body !== undefined) headers.set('content-length', `${Buffer.byteLength(body)}`)
    return await new Promise<Response>((resolve, reject) => {
      const call = request(url, {
        ...{ method: init.method ?? 'GET', headers: Object.fromEntries(headers), agent },
        ...(init.signal ? { signal: init.signal } : {}),
      })
      call.once('error', reject)
      call.once('response', (answer) => {
        const { statusCode = 0 } = answer
        if (statusCode >= 300 && statusCode < 400 && statusCode !== 304) {
          call.destroy()
          return reject(new OutsideRefusal('it redirects, which is not followed'))
        }
        resolve(asResponse(answer))
      })
      call.end(body)
    })
  }
}

/** @throws OutsideRefusal by the agent's maker, for what needs no look-up, and by its connection */
export function createOutsideAgents({ named = [], privateHosts = [], resolve }: OutsideOptions) {
  const lookup = publicLookupBy(resolve)
  const meant = named.flatMap((text) => (text && URL.canParse(text) ? [new URL(text).host] : []))
  const allowed = privateHosts.map((host) => host.toLowerCase())
  return (url: URL): HttpAgent | HttpsAgent => {
    if (!/^https?:$/.test(url.protocol)) throw new OutsideRefusal('it is no http or https URL')
    const literal = url.hostname.replace(/^\[|\]$/g, '')
    const isLiteral = ipaddr.isValid(literal)
    const exempt =
      allowed.includes(url.hostname) ||
      allowed.includes(url.host) ||
      (meant.includes(url.host) && (isLiteral || url.hostname === 'localhost'))
    // What is an address is not looked up, so it is judged here.
    if (!exempt && isLiteral && !isPublic(literal)) throw new OutsideRefusal()
    const Agent = url.protocol === 'https:' ? HttpsAgent : HttpAgent
    return new Agent({ keepAlive: false, ...(exempt ? {} : { lookup }) })
  }
}

function asResponse(answer: IncomingMessage): Response {
  const headers = new Headers()
  for (let at = 0; at + 1 < answer.rawHeaders.length; at += 2)
    headers.append(answer.rawHeaders[at] ?? '', answer.rawHeaders[at + 1] ?? '')
  const { statusCode: status = 0 } = answer
  const empty = status === 204 || status === 205 || status === 304
  if (empty) answer.resume()
  return new Response(empty ? null : (Readable.toWeb(answer) as ReadableStream), { status, headers })
}

/** One address that is not public refuses the name: which of them would be taken is not ours to choose. */
export function publicLookupBy(resolve: typeof systemLookup = systemLookup): LookupFunction {
  return (hostname, options, done) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error, '')
      const [first] = addresses
      if (!first || !addresses.every(({ address }) => isPublic(address)))
        return done(new OutsideRefusal(), '')
      if (options.all) done(null, addresses)
      else done(null, first.address, first.family)
    })
  }
}

/** Unicast on the public internet; of IPv6 only what was ever given out, and nothing that hides an IPv4 address. */
export function isPublic(address: string): boolean {
  if (!ipaddr.isValid(address)) return false
  const parsed = ipaddr.parse(address)
  if (parsed.range() !== 'unicast') return false
  return parsed instanceof ipaddr.IPv4 || ((parsed.parts[0] ?? 0) >> 13 === 1 && parsed.parts[5] !== 0x5efe)
}

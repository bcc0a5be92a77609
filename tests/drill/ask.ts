import { randomInt } from 'node:crypto'

const DEADLINE_MS = 30_000

/** An answer as somebody outside sees it. */
export type Seen = {
  status: number
  /** Of a problem document. */
  type: string | null
  /** Refused or challenged by a rule of abuse. */
  byAbuse: boolean
  took: number
  json: Record<string, unknown> | null
  headers: Headers
}
export type Request = { method?: string; path: string; body?: unknown; headers?: Record<string, string> }

/** Somebody at an address, as the proxy in front of the portal tells of it; keeps cookies as a browser does. */
export type Somebody = { readonly address: string; ask(request: Request): Promise<Seen> }

export function somebody(origin: string, address: string): Somebody {
  const jar = new Map<string, string>()
  return {
    address,
    async ask({ method = 'GET', path, body, headers = {} }) {
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
      const began = performance.now()
      const answer = await fetch(`${origin}${path}`, {
        method,
        headers: {
          'x-forwarded-for': address,
          ...(cookie ? { cookie } : {}),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
        signal: AbortSignal.timeout(DEADLINE_MS),
      })
      const text = await answer.text()
      const took = performance.now() - began
      for (const line of answer.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
        jar.set(name, value)
      }
      const json = text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : null
      const type = typeof json?.type === 'string' ? json.type : null
      const byAbuse = type === '/problems/abuse' || type === '/problems/challenge'
      return { status: answer.status, type, byAbuse, took, json, headers: answer.headers }
    },
  }
}

// RFC 1112's reserved range, which nobody on the internet has: a million /24s, so that no drill meets what the portal still
// remembers of the one before. RFC 2544's has 512, and a drill wants some 500.
const FIRST_BYTES = [240, 255] as const
const taken = new Set<string>()

/** A /24 that nobody of this drill came from yet, without its last number. */
export function newNetwork(): string {
  for (;;) {
    const network = `${randomInt(...FIRST_BYTES)}.${randomInt(256)}.${randomInt(256)}`
    if (taken.has(network)) continue
    taken.add(network)
    return network
  }
}

/** An address in a /24 of its own. */
export const newAddress = (): string => `${newNetwork()}.${randomInt(1, 255)}`

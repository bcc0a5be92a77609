import type { IncomingMessage, ServerResponse } from 'node:http'
import { bareAnswer } from './bare-answers.ts'

/** What a request to a path may carry, and how slowly. */
export type BodyRule = {
  /** Bytes; 0: no body at all. */
  maxBytes: number
  /** Bytes a second, on average, once `graceMs` are over. */
  minRate: number
  graceMs: number
  /** Longest time for a whole body. */
  longestMs: number
  /** The route counts size and rate itself, and knows more: nothing is done here. */
  ownGuard?: true
}

const KIB = 1024
const PACE = { minRate: 2 * KIB, graceMs: 9_000, longestMs: 120_000 }

/** The first that fits counts. Every path of portal and engine fits one. */
export const BODY_RULES: readonly { name: string; path: RegExp; rule: BodyRule }[] = [
  // Hours long, of many gigabytes: the engine holds it to ENGINE_MIN_UPLOAD_RATE and to the upload's own size.
  {
    name: 'upload',
    path: /^\/upload\//,
    rule: { ...PACE, maxBytes: Number.POSITIVE_INFINITY, ownGuard: true },
  },
  // Whatever is too large or too slow must be kept as a refused webhook; it ends by itself after ten seconds.
  {
    name: 'webhook',
    path: /^\/api\/webhooks\/mux\/?$/,
    rule: { ...PACE, maxBytes: 1024 * KIB, ownGuard: true },
  },
  { name: 'engine', path: /^\/(video|system)\/v1(\/|$)/, rule: { ...PACE, maxBytes: 128 * KIB } },
  { name: 'api', path: /^\/api(\/|$)/, rule: { ...PACE, maxBytes: 1024 * KIB } },
  { name: 'rest', path: /^/, rule: { ...PACE, maxBytes: 0 } },
]

export function bodyRuleOf(url: string | undefined): BodyRule {
  const path = (url ?? '/').split('?', 1)[0] ?? '/'
  return (BODY_RULES.find((each) => each.path.test(path)) ?? BODY_RULES.at(-1)!).rule
}

/** By its headers: Node holds a body to its Content-Length, and takes none where neither header stands. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

export function isTooLarge(req: IncomingMessage, rule: BodyRule): boolean {
  if (rule.ownGuard) return false
  if (rule.maxBytes === 0) return hasBody(req)
  return Number(req.headers['content-length'] ?? 0) > rule.maxBytes
}

/** RFC 9457, for a request that no route has seen. */
function problem(status: 408 | 413, title: string, detail: string): string {
  return JSON.stringify({ type: 'about:blank', title, status, detail })
}

/** Answers 413 and lets the connection go: what is still on its way is not read. */
export function refuseTooLarge(res: ServerResponse, { maxBytes }: BodyRule): void {
  const detail =
    maxBytes === 0
      ? 'This address takes no request body.'
      : `The request body is larger than ${maxBytes / KIB} KiB.`
  const text = problem(413, 'Content Too Large', detail)
  res.writeHead(413, {
    'content-type': 'application/problem+json',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    connection: 'close',
  })
  res.end(text)
}

const TOO_SLOW = problem(
  408,
  'Request Timeout',
  'The request body came too slowly. Send it again on a better connection.',
)

/** The whole answer as bytes: the route that waits for the body must not find its response begun. */
export const slowBodyAnswer = (secure: boolean) =>
  bareAnswer(408, { type: 'application/problem+json', text: TOO_SLOW }, secure)

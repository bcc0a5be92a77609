import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { type OutboundGuard, OutboundRefusal } from '#engine/platform/outbound-guard.ts'

/** The file at a URL cannot be had; the message is a sentence for whoever gave the URL, without the URL. */
export class DownloadError extends Error {
  /** It was tried often enough for now; another day may be better. */
  readonly retry: boolean

  constructor(message: string, retry = false) {
    super(message)
    this.name = 'DownloadError'
    this.retry = retry
  }
}

/** Something on the way that another try may mend. */
export class BrokenTransfer extends Error {
  constructor(what: string) {
    super(what)
    this.name = 'BrokenTransfer'
  }
}

export type Deadlines = {
  /** From the call to the answer's headers. */
  answerMs: number
  /** Between two pieces of the body. */
  idleMs: number
}

const MOST_REDIRECTS = 5
const REDIRECTS = [301, 302, 303, 307, 308]

/**
 * GET with at most five redirects, each address checked by the guard and each name looked up once, for the connection
 * that is then used. Resolves with the answer's headers in, its body not read.
 * Throws DownloadError for addresses that are refused and BrokenTransfer for connections that fail.
 */
export async function fetchGuarded(
  guard: OutboundGuard,
  address: string,
  headers: Record<string, string>,
  deadlines: Deadlines,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  let next = address
  for (let hop = 0; hop <= MOST_REDIRECTS; hop += 1) {
    const url = checked(guard, next, hop)
    const response = await get(guard, url, headers, deadlines, signal)
    const { location } = response.headers
    if (!REDIRECTS.includes(response.statusCode ?? 0) || !location) return response
    response.destroy()
    const target = URL.parse(location, url)
    if (!target) throw new DownloadError('The server redirects to something that is not a URL.')
    next = target.href
  }
  throw new DownloadError(`The URL redirects more than ${MOST_REDIRECTS} times.`)
}

function checked(guard: OutboundGuard, address: string, hop: number): URL {
  try {
    return guard.check(address)
  } catch (error) {
    if (!(error instanceof OutboundRefusal)) throw error
    throw new DownloadError(hop === 0 ? error.message : `The server redirects elsewhere: ${error.message}`)
  }
}

function get(
  guard: OutboundGuard,
  url: URL,
  headers: Record<string, string>,
  { answerMs, idleMs }: Deadlines,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = url.protocol === 'https:' ? httpsRequest : httpRequest
    const req = request(url, { agent: guard.agentFor(url), headers, signal })
    const late = setTimeout(() => req.destroy(new BrokenTransfer('no answer in time')), answerMs)
    req.setTimeout(idleMs, () => req.destroy(new BrokenTransfer('nothing came for too long')))
    req.once('response', (response) => {
      clearTimeout(late)
      resolve(response)
    })
    req.once('error', (error) => {
      clearTimeout(late)
      reject(explained(error, signal))
    })
    req.end()
  })
}

/** What a request or a body failed of, as something to try again or to say. */
export function explained(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason
  if (error instanceof OutboundRefusal) return new DownloadError(error.message)
  if (error instanceof BrokenTransfer || error instanceof DownloadError) return error
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ENOTFOUND') return new DownloadError('The host of this URL does not exist.')
  if (/^(ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/.test(code ?? ''))
    return new DownloadError('The certificate of this URL’s host is not valid.')
  return new BrokenTransfer(code ?? message)
}

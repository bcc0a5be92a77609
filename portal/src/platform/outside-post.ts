import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP } from 'node:net'
import { OutsideRefusal, publicLookupBy } from './outside-fetch.ts'

export type Posted = { status: number; contentType: string; body: Buffer }
export type Post = (url: string, body: string | Buffer, options: PostOptions) => Promise<Posted>
export type PostOptions = { contentType: string; deadlineMs: number; maxBytes: number; signal?: AbortSignal }

const publicLookup = publicLookupBy()

/**
 * Posts to a service that a setting names. A name must lead to public addresses, and the connection goes to the one
 * that was checked; an address in a private network has to stand in the setting as itself. Follows nothing.
 * @throws Error with a reason that holds no secret: no answer in time, an answer that is too long, a name that leads inside
 */
export const postOutside: Post = (text, body, options) => {
  const url = new URL(text)
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest
  const headers = { 'content-type': options.contentType, 'content-length': Buffer.byteLength(body) }
  return new Promise((resolve, reject) => {
    const call = request(url, {
      ...{ method: 'POST', headers, agent: false, signal: deadlineOf(options) },
      ...(isMeantAsItIs(url) ? {} : { lookup: publicLookup }),
    })
    call.once('error', (error) => reject(reasonOf(error, options)))
    call.once('response', (answer) => readAnswer(call, answer, options.maxBytes).then(resolve, reject))
    call.end(body)
  })
}

const deadlineOf = ({ deadlineMs, signal }: PostOptions) =>
  AbortSignal.any([AbortSignal.timeout(deadlineMs), ...(signal ? [signal] : [])])

/** An address, or this machine's own name: nobody's name server decides where it leads. */
const isMeantAsItIs = ({ hostname }: URL) =>
  hostname === 'localhost' || isIP(hostname.replace(/^\[|\]$/g, '')) !== 0

async function readAnswer(call: ClientRequest, answer: IncomingMessage, maxBytes: number): Promise<Posted> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > maxBytes) {
      call.destroy()
      throw new Error(`its answer is longer than ${maxBytes} bytes`)
    }
    chunks.push(chunk)
  }
  return {
    status: answer.statusCode ?? 0,
    contentType: answer.headers['content-type'] ?? '',
    body: Buffer.concat(chunks),
  }
}

function reasonOf(error: NodeJS.ErrnoException, { deadlineMs }: PostOptions): Error {
  if (error.name === 'AbortError' || error.name === 'TimeoutError')
    return new Error(`no answer within ${deadlineMs} ms`)
  return new Error(
    error instanceof OutsideRefusal ? error.message : `no connection (${error.code ?? error.name})`,
  )
}

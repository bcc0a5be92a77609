import { STATUS_CODES } from 'node:http'
import { answerHeaders } from './security-headers.ts'

type Problem = { type: string; text: string }

const TEXT = 'text/plain; charset=utf-8'
/** What Node's parser gives up on, by its codes; everything else is no request. */
const UNREAD: Record<string, { status: number; text: string }> = {
  HPE_HEADER_OVERFLOW: { status: 431, text: 'The head of this request is too large.\n' },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: { status: 413, text: 'Chunk extensions are too large.\n' },
  HPE_INVALID_VERSION: { status: 505, text: 'HTTP/1.1 is spoken here.\n' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, text: 'This request came too slowly.\n' },
}

/** Of an answer ahead of every route, which ends its connection: as protected as any other. */
export const bareHeaders = (secure: boolean, type = TEXT): Record<string, string> => ({
  ...answerHeaders(secure),
  ...{ 'content-type': type, 'cache-control': 'no-store', connection: 'close' },
})

/** A whole answer as bytes, where no response can be begun. */
export function bareAnswer(status: number, { type, text }: Problem, secure: boolean): string {
  const headers = { ...bareHeaders(secure, type), 'content-length': Buffer.byteLength(text) }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  return [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', text].join('\r\n')
}

/** For bytes that are no request: Node's own answer has no headers at all. @param code the parser's */
export function unreadAnswer(code: string | undefined, secure: boolean): string {
  const { status, text } = UNREAD[code ?? ''] ?? { status: 400, text: 'This is no HTTP request.\n' }
  return bareAnswer(status, { type: TEXT, text }, secure)
}

import type { IncomingMessage, ServerResponse } from 'node:http'
import { receive, statusOf } from './receive.ts'
import { refuse, sendUploadAnswer, setUploadHeaders, type UploadAnswer } from './upload-answers.ts'
import type { UploadParts } from './upload-parts.ts'
import { findUpload, type UploadRow } from './upload-record.ts'
import { parseUploadPath, secretMatches } from './upload-url.ts'

/**
 * Answers everything under /upload/: the URLs that browsers send files to. Plain node:http, because bodies of many
 * gigabytes flow through. Needs no credentials; the URL is the secret.
 */
export function createUploadHandler(
  parts: UploadParts,
): (req: IncomingMessage, res: ServerResponse) => boolean {
  return (req, res) => {
    const pathname = (req.url ?? '').split('?', 1)[0]!
    if (!pathname.startsWith('/upload/')) return false
    // Uploads may last hours; append-body.ts watches their rate instead.
    req.socket.setTimeout(0)
    req.on('error', () => undefined)
    void answer(parts, pathname, req, res)
    return true
  }
}

async function answer(parts: UploadParts, pathname: string, req: IncomingMessage, res: ServerResponse) {
  setUploadHeaders(res, '*')
  let outcome: UploadAnswer | 'preflight'
  try {
    const upload = await authorise(parts, pathname)
    if (upload) setUploadHeaders(res, upload.cors_origin)
    outcome = upload ? await route(parts, req, upload) : refuse(404, 'There is no such upload.')
  } catch (error) {
    // U11: browsers' uploaders give up for good on 500, and try again on 503.
    parts.ctx.log.error({ err: error }, 'upload request failed')
    outcome = refuse(503, 'The upload could not be stored just now. Try again in a moment.')
  }
  sendUploadAnswer(req, res, outcome)
}

async function authorise(parts: UploadParts, pathname: string): Promise<UploadRow | null> {
  const path = parseUploadPath(pathname)
  const upload = path && (await findUpload(parts.ctx.pool, path.id))
  return upload && secretMatches(path.secret, upload.secret_hash) ? upload : null
}

async function route(
  parts: UploadParts,
  req: IncomingMessage,
  upload: UploadRow,
): Promise<UploadAnswer | 'preflight'> {
  switch (req.method) {
    case 'OPTIONS':
      return 'preflight'
    case 'PUT':
      return receive(parts, req, upload)
    case 'GET':
    case 'HEAD':
      return statusOf(parts, upload)
    default:
      return refuse(405, 'Send the file with PUT.')
  }
}

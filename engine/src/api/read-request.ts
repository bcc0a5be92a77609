import { ApiError, notFound } from '#engine/platform/errors.ts'

const MAX_BODY_BYTES = 128 * 1024

/** A JSON body, whatever the content-type says: the SDK sends none with an empty body, which counts as {}. */
export async function readBody(request: Request): Promise<unknown> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body ?? []) {
    size += chunk.length
    if (size > MAX_BODY_BYTES) throw new ApiError(413, `The body is larger than ${MAX_BODY_BYTES} bytes.`)
    chunks.push(chunk)
  }
  const text = Buffer.concat(chunks).toString('utf8')
  if (text.trim() === '') return {}
  let unstorable = false
  try {
    const body = JSON.parse(text, (_name, value) => {
      if (typeof value === 'string' && !isStorable(value)) unstorable = true
      return value
    })
    if (!unstorable) return body
  } catch {
    throw new ApiError(400, 'The body is not valid JSON.')
  }
  throw new ApiError(
    400,
    'A text in the body holds characters that are none: NUL or half of a surrogate pair.',
  )
}

/** PostgreSQL keeps neither NUL nor half of a surrogate pair. */
function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed()
}

export function readQuery(url: string): URLSearchParams {
  const query = new URL(url).searchParams
  for (const [name, value] of query) {
    if (!isStorable(name) || !isStorable(value)) throw new ApiError(400, 'The query holds a NUL character.')
  }
  return query
}

/** A part of the path; what can't be an id names nothing. */
export function readParam(value: string | undefined): string {
  if (value === undefined || !isStorable(value)) throw notFound()
  return value
}

export type ContentRange =
  | { kind: 'whole' }
  /** A status query: `bytes *\/T` or `bytes *\/*`. */
  | { kind: 'query'; total: number | null }
  | { kind: 'bytes'; start: number; end: number; total: number | null }
  | { kind: 'invalid' }

/**
 * Reads a Content-Range request header (RFC 9110 §14.4 plus Google's resumable-upload form `bytes s-e/*`).
 * An end past the total is cut to the total: WebKit counts one chunk too far there (UpChunk issue 145).
 */
export function parseContentRange(header: string | undefined): ContentRange {
  if (header === undefined) return { kind: 'whole' }
  const match = /^\s*(?:bytes\s+)?(?:(\d{1,15})-(\d{1,15})|\*)\/(\d{1,15}|\*)\s*$/i.exec(header)
  if (!match) return { kind: 'invalid' }
  const total = match[3] === '*' ? null : Number(match[3])
  if (match[1] === undefined) return { kind: 'query', total }
  const start = Number(match[1])
  const end = total === null ? Number(match[2]) : Math.min(Number(match[2]), total - 1)
  return end < start ? { kind: 'invalid' } : { kind: 'bytes', start, end, total }
}

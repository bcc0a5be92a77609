/** What a value holds that can't be kept: where, and what. */
export type Unstorable = { path: string; message: string }

/**
 * Where a value as JSON has it holds text that can't be kept: a NUL character, which PostgreSQL has in no text, or half of a
 * surrogate pair, which no UTF-8 has and nothing can be hashed with; null where nowhere. Both mean nothing in any field of
 * ours: they are refused at the door rather than by the database or the log. Tokens are only ever hashed, and a wrong one
 * of a link must get the one answer of all dead links.
 */
export function unstorableIn(value: unknown, path: readonly string[] = []): Unstorable | null {
  if (path.at(-1) === 'token') return null
  if (typeof value === 'string') {
    const message = faultOf(value)
    return message === null ? null : { path: path.join('.') || 'body', message }
  }
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return null
  for (const [name, inner] of Object.entries(value)) {
    const message = faultOf(name)
    const found = message
      ? { path: [...path, 'name'].join('.'), message }
      : unstorableIn(inner, [...path, name])
    if (found) return found
  }
  return null
}

function faultOf(text: string): string | null {
  if (text.includes('\0')) return 'holds a NUL character'
  return text.isWellFormed() ? null : 'holds half of a character (a surrogate without its pair)'
}

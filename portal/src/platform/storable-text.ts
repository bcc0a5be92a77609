/**
 * Where a value as JSON has it holds a NUL character, which PostgreSQL keeps in no text; null where nowhere. Such a
 * character means nothing in any field of ours: it is refused at the door rather than by the database. Tokens are only
 * ever hashed, and a wrong one of a link must get the one answer of all dead links.
 */
export function nulIn(value: unknown, path: readonly string[] = []): string | null {
  if (path.at(-1) === 'token') return null
  if (typeof value === 'string') return value.includes('\0') ? path.join('.') || 'body' : null
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return null
  for (const [name, inner] of Object.entries(value)) {
    const found = name.includes('\0') ? [...path, 'name'].join('.') : nulIn(inner, [...path, name])
    if (found) return found
  }
  return null
}

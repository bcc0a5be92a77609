import { createHash, timingSafeEqual } from 'node:crypto'

/**
 * The id of the credential that an `Authorization: Basic` header proves, or null. Every known credential is compared,
 * by hash and in constant time, so that neither names nor lengths can be told from the time taken.
 */
export function authenticate(
  header: string | undefined,
  credentials: { id: string; secret: string }[],
): string | null {
  const match = /^Basic ([A-Za-z0-9+/=_-]{1,1024})$/i.exec(header ?? '')
  const given = digest(match ? Buffer.from(match[1]!, 'base64') : Buffer.alloc(0))
  let found: string | null = null
  for (const { id, secret } of credentials) {
    if (timingSafeEqual(given, digest(Buffer.from(`${id}:${secret}`)))) found = id
  }
  return match ? found : null
}

function digest(value: Buffer): Buffer {
  return createHash('sha256').update(value).digest()
}

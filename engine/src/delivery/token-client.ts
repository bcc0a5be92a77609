import { createHash } from 'node:crypto'

/** More cookies than a browser keeps for one site are not looked at. */
const MOST_COOKIES = 100

/**
 * Whether a request comes from the browser that a token was made for: one of its cookies has the SHA-256 that the
 * token's `client` claim names. A cookie outlasts a change of network, and does not stand in the URL that got copied.
 */
export function isClient(client: string, cookieHeader: string | undefined): boolean {
  const cookies = (cookieHeader ?? '').split(';', MOST_COOKIES)
  return cookies.some((cookie) => {
    const value = cookie.slice(cookie.indexOf('=') + 1).trim()
    return createHash('sha256').update(value).digest('base64url') === client
  })
}

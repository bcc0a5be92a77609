import { createHmac } from 'node:crypto'
import { equalInConstantTime } from '#portal/platform/crypto.ts'
import type { LiveSecret } from '#portal/platform/live-secret.ts'

export const COOKIE_PREFIX = '__Host-mm'

/** Cookies that Better Auth signs: "value.signature", the signature HMAC-SHA-256 in base64, all of it URI-encoded. */
const SIGNED = new Set(
  ['session_token', 'dont_remember', 'passkey_challenge'].map((name) => `${COOKIE_PREFIX}.${name}`),
)

/**
 * The headers with each cookie that a replaced secret signed, and that still holds, under the signature of the one in use:
 * Better Auth knows one secret at a time. The same headers where there is nothing to do.
 */
export function signedAnew(headers: Headers, secret: LiveSecret): Headers {
  const sent = headers.get('cookie')
  if (!sent) return headers
  const made = sent
    .split(';')
    .map((cookie) => renewed(cookie.trim(), secret))
    .join('; ')
  if (made === sent) return headers
  const changed = new Headers(headers)
  changed.set('cookie', made)
  return changed
}

function renewed(cookie: string, secret: LiveSecret): string {
  const at = cookie.indexOf('=')
  const name = cookie.slice(0, at)
  if (!SIGNED.has(name)) return cookie
  const read = decoded(cookie.slice(at + 1))
  const dot = read.lastIndexOf('.')
  if (dot < 1) return cookie
  const [value, signature] = [read.slice(0, dot), read.slice(dot + 1)]
  const signers = () => secret.accepted().filter((one) => equalInConstantTime(signature, sign(value, one)))
  if (signers().length === 0) secret.lookAgain()
  const current = secret.current()
  const [signer] = signers()
  return signer === undefined || signer === current
    ? cookie
    : `${name}=${encodeURIComponent(`${value}.${sign(value, current)}`)}`
}

const sign = (value: string, secret: string) => createHmac('sha256', secret).update(value).digest('base64')

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}

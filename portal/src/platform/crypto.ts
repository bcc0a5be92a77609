import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createSecretKey,
  type DecipherGCM,
  hash,
  hkdfSync,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'
import type { SealRing } from './seal-ring.ts'
import { UnopenedBox } from './unopened-box.ts'

/** A bearer secret of 256 bits, as 43 characters of base64url. */
export function newToken(): string {
  return randomBytes(32).toString('base64url')
}

/** SHA-256 of a high-entropy token: what is stored in its place. */
export function hashToken(token: string): Buffer {
  return hash('sha256', token, 'buffer')
}

/** Equality in constant time, for values of any length. */
export function equalInConstantTime(a: string | Buffer, b: string | Buffer): boolean {
  const left = createHash('sha256').update(a).digest()
  const right = createHash('sha256').update(b).digest()
  return timingSafeEqual(left, right)
}

/** HMAC-SHA-256, for low-entropy values (addresses, codes, e-mail) that must not be guessable from their hash. */
export function keyedHash(key: Buffer, purpose: string, value: string): Buffer {
  return createHmac('sha256', hmacKey(key)).update(purpose).update('\0').update(value).digest()
}

// Four fifths of an HMAC of a few bytes is Node's import of its key: each is imported once.
const hmacKeys = new WeakMap<Buffer, KeyObject>()

function hmacKey(key: Buffer): KeyObject {
  const known = hmacKeys.get(key) ?? createSecretKey(key)
  hmacKeys.set(key, known)
  return known
}

/** A 256-bit key for one purpose, derived from the master key (RFC 5869). */
export function deriveKey(master: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', master, Buffer.alloc(0), `motion-mavericks:${purpose}`, 32))
}

/** A box under a key that it does not name, and one that names it. */
const UNNAMED = 1
const NAMED = 2
/** Version, and five bytes of the key's name. */
export const NAMED_HEAD_BYTES = 6

/**
 * AES-256-GCM: version (1 byte), with a ring the key's name (5), nonce (12), tag (16), ciphertext. `aad` binds the box to
 * its place.
 */
export function seal(by: Buffer | SealRing, plain: string | Buffer, aad: string): Buffer {
  const ring = Buffer.isBuffer(by) ? null : by.current()
  const key = ring?.key ?? (by as Buffer)
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(aad))
  const body = Buffer.concat([cipher.update(plain), cipher.final()])
  return Buffer.concat([headOf(ring?.id ?? null), nonce, cipher.getAuthTag(), body])
}

/** How a box begins that the key of this name sealed. */
export const headOf = (id: string | null): Buffer =>
  id === null ? Buffer.of(UNNAMED) : Buffer.concat([Buffer.of(NAMED), Buffer.from(id, 'hex')])

/** Opens what `seal` made. @throws UnopenedBox where the key, the place or a byte differs */
export function unseal(by: Buffer | SealRing, box: Buffer, aad: string): Buffer {
  const named = box[0] === NAMED
  const body = box.subarray(named ? NAMED_HEAD_BYTES : 1)
  if (!(named || box[0] === UNNAMED) || body.length < 28)
    throw new UnopenedBox('sealed value: unknown version')
  const id = named ? box.toString('hex', 1, NAMED_HEAD_BYTES) : null
  const key = Buffer.isBuffer(by) ? by : by.find(id)
  const decipher = createDecipheriv('aes-256-gcm', key, body.subarray(0, 12), { authTagLength: 16 })
  decipher.setAAD(Buffer.from(aad)).setAuthTag(body.subarray(12, 28))
  const plain = decipher.update(body.subarray(28))
  return Buffer.concat([plain, endOf(decipher)])
}

function endOf(decipher: DecipherGCM): Buffer {
  try {
    return decipher.final()
  } catch {
    throw new UnopenedBox('sealed value: its key, its place or a byte is another')
  }
}

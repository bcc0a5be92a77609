import { argon2, randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

const derive = promisify(argon2)

// OWASP's second recommended setting for argon2id: 19 MiB, 2 passes, 1 lane.
const COST = { parallelism: 1, tagLength: 32, memory: 19_456, passes: 2 }

/** argon2id (RFC 9106) of the password as it was typed, as `argon2id$<salt>$<tag>`, base64url. */
export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(16)
  const tag = await derive('argon2id', { message: password, nonce, ...COST })
  return `argon2id$${nonce.toString('base64url')}$${tag.toString('base64url')}`
}

/** Whether the password is the one that was hashed; constant time in the comparison. */
export async function isPassword(hash: string, password: string): Promise<boolean> {
  const [scheme, salt, tag] = hash.split('$')
  if (scheme !== 'argon2id') return await isOlderPassword(hash, password)
  if (!salt || !tag) return false
  const wanted = Buffer.from(tag, 'base64url')
  const given = await derive('argon2id', {
    message: password,
    nonce: Buffer.from(salt, 'base64url'),
    ...COST,
  })
  return wanted.length === given.length && timingSafeEqual(wanted, given)
}

const OLDER_COST = { N: 16_384, r: 16, p: 1, maxmem: 128 * 16_384 * 16 * 2 }
const OLDER_BYTES = 64

/** As Better Auth hashed passwords of accounts before: `<salt>:<key>`, both hexadecimal, the salt taken as text. */
async function isOlderPassword(hash: string, password: string): Promise<boolean> {
  const [salt, key] = hash.split(':')
  if (!salt || !key) return false
  const wanted = Buffer.from(key, 'hex')
  const given = await new Promise<Buffer>((resolve, reject) =>
    scrypt(password.normalize('NFKC'), salt, OLDER_BYTES, OLDER_COST, (error, derived) =>
      error ? reject(error) : resolve(derived),
    ),
  )
  return wanted.length === given.length && timingSafeEqual(wanted, given)
}

import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

const derive = promisify(argon2)

// OWASP's second recommended setting for argon2id: 19 MiB, 2 passes, 1 lane.
const COST = { parallelism: 1, tagLength: 32, memory: 19_456, passes: 2 }

/** argon2id (RFC 9106) as `argon2id$<salt>$<tag>`, base64url. */
export async function hashSharePassword(password: string): Promise<string> {
  const nonce = randomBytes(16)
  const tag = await derive('argon2id', { message: password, nonce, ...COST })
  return `argon2id$${nonce.toString('base64url')}$${tag.toString('base64url')}`
}

/** Whether the password is the one that was hashed; constant time in the comparison. */
export async function isSharePassword(hash: string, password: string): Promise<boolean> {
  const [scheme, salt, tag] = hash.split('$')
  if (scheme !== 'argon2id' || !salt || !tag) return false
  const wanted = Buffer.from(tag, 'base64url')
  const given = await derive('argon2id', {
    message: password,
    nonce: Buffer.from(salt, 'base64url'),
    ...COST,
  })
  return wanted.length === given.length && timingSafeEqual(wanted, given)
}

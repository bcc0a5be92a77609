import { createHash, randomBytes } from 'node:crypto'
import type { App } from '#portal/platform/app.ts'
import { equalInConstantTime } from '#portal/platform/crypto.ts'
import { acceptedMarks, isMarked, mark } from '#portal/platform/mark.ts'
import type { Door } from './rules.ts'

/**
 * A challenge that asks for nobody's eyes, ears or account: some computing, which a browser does by itself in about a
 * second. To find a counter with which SHA-256 of "challenge:counter" begins with as many zero bits (Hashcash).
 */
export const WORK_BITS = 16
const LIFE_SECONDS = 300

type Asked = Pick<App, 'keys' | 'clock' | 'ports'>

/** A challenge for one request of this source at this door. */
export function askForWork({ keys, clock }: Asked, door: Door, source: string): string {
  const expires = Math.floor(clock().getTime() / 1000) + LIFE_SECONDS
  const body = `${door}.${expires}.${randomBytes(12).toString('base64url')}`
  return `${body}.${textOf(mark(keys, PURPOSE, `${body} ${source}`))}`
}

/** Whether the work was done, for this door and source, in time, and not used before; it is used up by this. */
export async function isWorkDone(
  app: Asked,
  { door, source, proof }: { door: Door; source: string; proof: string },
): Promise<boolean> {
  if (proof.length > 200) return false
  const [at, expires, nonce, mac, counter, ...more] = proof.split('.')
  if (!nonce || !mac || !counter || more.length > 0 || at !== door) return false
  const body = `${at}.${expires}.${nonce}`
  const fits = () =>
    acceptedMarks(app.keys, PURPOSE, `${body} ${source}`).some((one) => equalInConstantTime(mac, textOf(one)))
  if (!isMarked(app.keys, fits)) return false
  if (Number(expires) * 1000 <= app.clock().getTime()) return false
  if (zeroBits(`${body}.${mac}:${counter}`) < WORK_BITS) return false
  const use = { key: `abuse-work:${nonce}`, cost: 1, burst: 1, emissionUs: LIFE_SECONDS * 1e6 }
  return (await app.ports.limits.take([use])).admitted
}

const PURPOSE = 'abuse-work'
const textOf = (hash: Buffer) => hash.subarray(0, 16).toString('base64url')

function zeroBits(text: string): number {
  const digest = createHash('sha256').update(text).digest()
  const first = digest.findIndex((byte) => byte !== 0)
  return first < 0 ? 256 : first * 8 + Math.clz32(digest[first] as number) - 24
}

import { createHmac } from 'node:crypto'
import { equalInConstantTime } from '#portal/platform/crypto.ts'

const STEP_SECONDS = 30
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** The code of six digits for one 30-second step since 1970 (RFC 6238 with RFC 4226's truncation, SHA-1). */
export function totpCode(secret: Buffer, step: number): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const mac = createHmac('sha1', secret).update(counter).digest()
  const number = mac.readUInt32BE((mac[19] as number) & 15) & 0x7fff_ffff
  return String(number % 1_000_000).padStart(6, '0')
}

export const stepAt = (at: Date) => Math.floor(at.getTime() / 1000 / STEP_SECONDS)

/** The step that this code belongs to: now, or one beside it for clocks that are off; none at or before `after`. */
export function matchingStep(secret: Buffer, code: string, now: Date, after: number): number | null {
  const step = stepAt(now)
  const found = [step - 1, step, step + 1].filter((s) => equalInConstantTime(totpCode(secret, s), code))
  return found.find((s) => s > after) ?? null
}

/** RFC 4648 base32 without padding: what people type into an authenticator. */
export function base32(bytes: Buffer): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  return (bits.match(/.{1,5}/g) ?? [])
    .map((five) => ALPHABET[Number.parseInt(five.padEnd(5, '0'), 2)])
    .join('')
}

/** What the QR code holds, as authenticators read it. */
export function otpauthUri(secret: Buffer, issuer: string, account: string): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(account)}`
  return `otpauth://totp/${label}?secret=${base32(secret)}&issuer=${encodeURIComponent(issuer)}`
}

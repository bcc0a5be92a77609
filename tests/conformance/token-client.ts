import { createPrivateKey, randomBytes } from 'node:crypto'
import { SignJWT } from 'jose'
import type { Target } from './target.ts'

export type Key = { id: string; privateKey: string }

const keys = new WeakMap<Target, Promise<Key>>()

export async function newKey(target: Target): Promise<Key> {
  const key = await target.mux.system.signingKeys.create()
  return { id: key.id, privateKey: key.private_key! }
}

/** One signing key that many checks share. */
export function sharedKey(target: Target): Promise<Key> {
  const known = keys.get(target) ?? newKey(target)
  keys.set(target, known)
  return known
}

export type Claims = Record<string, unknown>

/** A token with any claims at all, the key's id in the payload as the SDK writes it. */
export async function sign(key: Key, claims: Claims, header: Record<string, unknown> = {}): Promise<string> {
  const privateKey = createPrivateKey(Buffer.from(key.privateKey, 'base64'))
  return new SignJWT({ kid: key.id, ...claims })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', ...header })
    .sign(privateKey)
}

export const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds

export const newSession = () => randomBytes(18).toString('base64url')

/** Claims that open a video for five minutes. */
export const claimsFor = (playbackId: string, more: Claims = {}): Claims => ({
  sub: playbackId,
  aud: 'v',
  exp: inSeconds(300),
  ...more,
})

import { generateKeyPairSync } from 'node:crypto'
import { decodeProtectedHeader, jwtVerify } from 'jose'
import { expect, it } from 'vitest'
import { signToken } from './sign-token.ts'

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })

it('[SPS-01] [ASVS-9.2.4, ASVS-11.6.1] signs RS256 with kid, aud, sub and exp, the session only where there is one', async () => {
  const expiresAt = new Date(Date.now() + 300_000)
  const key = { id: 'key-1', privateKey: pair.privateKey }
  const token = await signToken(key, {
    playbackId: 'pid',
    audience: 'v',
    expiresAt,
    tokenId: 'tok',
    session: 's'.repeat(43),
  })
  expect(decodeProtectedHeader(token)).toEqual({ alg: 'RS256', typ: 'JWT', kid: 'key-1' })
  const { payload } = await jwtVerify(token, pair.publicKey, {
    algorithms: ['RS256'],
    audience: 'v',
    subject: 'pid',
  })
  expect(payload).toEqual({
    sub: 'pid',
    aud: 'v',
    kid: 'key-1',
    jti: 'tok',
    session: 's'.repeat(43),
    exp: Math.floor(expiresAt.getTime() / 1000),
  })
  const image = await signToken(key, { playbackId: 'pid', audience: 't', expiresAt, tokenId: 'tok' })
  expect((await jwtVerify(image, pair.publicKey)).payload).not.toHaveProperty('session')
})

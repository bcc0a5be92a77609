import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { issuePlayback } from '#portal/modules/playback/issue-playback.ts'
import { type Actor, ANONYMOUS } from '#portal/platform/context.ts'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { createShare } from './create-share.ts'
import { openShare } from './open-share.ts'
import { getShare } from './queries.ts'
import { releaseDevice } from './release-device.ts'
import { verifyViewer } from './verify-viewer.ts'
import { explainOneShare } from './who-can-watch.ts'

type User = Extract<Actor, { kind: 'user' }>

let t: TestApp
let agency: User

beforeAll(async () => {
  t = await createTestApp()
  agency = await t.person('agency')
})
afterAll(async () => await t?.stop())

const visitor = () => t.app.newContext(ANONYMOUS)
const lastReason = async () => (await t.events()).at(-1)?.reason

type Claims = { htm?: string; htu?: string; iat?: number; typ?: string }
type Device = { prove: (token: string, step?: string, claims?: Claims) => Promise<string> }

let proofs = 0

/** A browser with its own key, whose proofs are a millisecond apart. */
async function newDevice(): Promise<Device> {
  const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign'])
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', keys.publicKey)
  return {
    prove: (token, step = '', { typ = 'dpop+jwt', ...claims } = {}) =>
      new SignJWT({
        jti: crypto.randomUUID(),
        htm: 'POST',
        htu: `${t.app.settings.PUBLIC_URL}/api/share/${token}${step}`,
        iat: (t.app.clock().getTime() + ++proofs) / 1000,
        ...claims,
      })
        .setProtectedHeader({ alg: 'ES256', typ, jwk: { kty, crv, x, y } as never })
        .sign(keys.privateKey),
  }
}

async function share(options: Record<string, unknown> = {}) {
  const videoId = await t.video(agency)
  const input = { videoId, access: 'link', oneDevice: true, ...options }
  const made = await t.app.call(createShare, input, t.app.newContext(agency))
  if (made.status !== 'active') throw new Error('the share waits for a second person')
  return made
}

const play = async (token: string, device: Device, cookie: string | null = null, claims: Claims = {}) =>
  await playWith(token, await device.prove(token, '', claims), cookie)
const playWith = (token: string, proof: string | undefined, cookie: string | null = null) =>
  t.app.call(issuePlayback, { token, cookie, proof }, visitor())

/** A new browser session whose address is proved, without the mail in between. */
async function proved(token: string, device: Device, email: string): Promise<string> {
  const proof = await device.prove(token, '/verify')
  const { newCookie } = await t.app.call(verifyViewer, { token, cookie: null, email, proof }, visitor())
  await t.app.pool.query(
    'update viewer_sessions set email_verified_at = $2 where cookie_hash = sha256($1::text::bytea)',
    [newCookie, t.app.clock()],
  )
  return newCookie ?? ''
}

describe('[IDN-02] a share for one device', () => {
  it('opens on the device that began first, in each of its tabs, and on no other', async () => {
    const { token, id } = await share()
    const [phone, laptop] = [await newDevice(), await newDevice()]
    const { newCookie } = await play(token, phone)
    await play(token, phone, newCookie)
    await play(token, phone, newCookie)
    await expect(play(token, laptop)).rejects.toMatchObject({ code: 'forbidden' })
    expect(await lastReason()).toBe('device')
    await expect(play(token, laptop, newCookie)).rejects.toMatchObject({ code: 'forbidden' })
    const told = await t.app.call(getShare, { id }, t.app.newContext(agency))
    expect(told).toMatchObject({ oneDevice: true, viewsUsed: 1 })
    expect(told.deviceBoundAt).not.toBeNull()
    // The phone again, hours later, with a new session: its key is the same.
    await play(token, phone)
  })

  it('opens for nobody without a proof, or with one that does not fit', async () => {
    const { token } = await share()
    const phone = await newDevice()
    const now = t.app.clock().getTime() / 1000
    const wrong = [
      undefined,
      'not.a.jwt',
      await phone.prove(token, '/verify'),
      await phone.prove(token, '', { htm: 'GET' }),
      await phone.prove(token, '', { typ: 'jwt' }),
      await phone.prove(token, '', { iat: now - 61 }),
      await phone.prove(token, '', { iat: now + 61 }),
      (await phone.prove(token)).replace(/.$/, (last) => (last === 'A' ? 'Q' : 'A')),
    ]
    for (const proof of wrong)
      await expect(playWith(token, proof)).rejects.toMatchObject({ code: 'forbidden' })
    await play(token, phone, null, { iat: now - 59 })
  })

  it('[ASVS-8.2.4] takes each proof once: a copied one renews nothing and begins nothing', async () => {
    const { token } = await share()
    const phone = await newDevice()
    const first = await phone.prove(token)
    const { newCookie } = await playWith(token, first)
    const second = await phone.prove(token)
    await playWith(token, second, newCookie)
    for (const [proof, cookie] of [
      [first, newCookie],
      [second, newCookie],
      [first, null],
      [second, null],
    ] as const)
      await expect(playWith(token, proof, cookie)).rejects.toMatchObject({ code: 'forbidden' })
    await play(token, phone, newCookie)
  })

  it('goes to exactly one of several devices that begin at once', async () => {
    const { token, id } = await share()
    const devices = await Promise.all([1, 2, 3, 4].map(newDevice))
    const results = await Promise.allSettled(devices.map((device) => play(token, device)))
    const winners = devices.filter((_, index) => results[index]?.status === 'fulfilled')
    expect(winners).toHaveLength(1)
    await play(token, winners[0] as Device)
    for (const loser of devices.filter((device) => device !== winners[0]))
      await expect(play(token, loser)).rejects.toMatchObject({ code: 'forbidden' })
    expect((await t.app.call(getShare, { id }, t.app.newContext(agency))).viewsUsed).toBe(2)
  })

  it('[SPS-07] says that another device was first only to whoever has proved who they are', async () => {
    const { token } = await share({ access: 'email' })
    const [phone, laptop] = [await newDevice(), await newDevice()]
    await play(token, phone, await proved(token, phone, 'jo@example.org'))
    const stranger = { token, cookie: null, proof: await laptop.prove(token, '/verify') }
    expect((await t.app.call(verifyViewer, stranger, visitor())).otherDevice).toBe(false)
    const cookie = await proved(token, laptop, 'jo@example.org')
    const proof = await laptop.prove(token, '/verify')
    const told = await t.app.call(verifyViewer, { token, cookie, proof }, visitor())
    expect(told).toMatchObject({ needs: [], otherDevice: true })
    await expect(play(token, laptop, cookie)).rejects.toMatchObject({ code: 'forbidden' })
    // A look asks for no proof, and tells nothing of devices.
    expect(await t.app.call(openShare, { token, cookie }, visitor())).toMatchObject({
      oneDevice: true,
      needs: [],
    })
  })

  it('may be released by its owner: what plays stops, and the next device takes its place', async () => {
    const { token, id } = await share()
    const [old, phone] = [await newDevice(), await newDevice()]
    const { newCookie } = await play(token, old)
    const copied = await old.prove(token)
    const release = () => t.app.call(releaseDevice, { id }, t.app.newContext(agency))
    await play(token, old, newCookie)
    expect(await release()).toMatchObject({ id, stoppedPlayers: 1 })
    expect((await t.events()).at(-1)).toMatchObject({ action: 'share.release-device', target: { id } })
    await expect(release()).rejects.toMatchObject({ code: 'conflict' })
    await expect(play(token, old, newCookie)).rejects.toMatchObject({ code: 'forbidden' })
    await expect(playWith(token, copied)).rejects.toMatchObject({ code: 'forbidden' })
    await play(token, phone)
    await expect(play(token, old)).rejects.toMatchObject({ code: 'forbidden' })
  })

  it('is explained by the same rule', async () => {
    const { token, id } = await share()
    await play(token, await newDevice())
    const told = await t.app.call(explainOneShare, { id }, t.app.newContext(agency))
    expect(told.audiences[0]?.rules).toContainEqual({ rule: 'device', holds: true })
  })
})

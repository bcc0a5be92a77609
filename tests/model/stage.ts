import { SignJWT } from 'jose'
import { createShare } from '../../portal/src/modules/sharing/create-share.ts'
import { type Actor, ANONYMOUS } from '../../portal/src/platform/context.ts'
import { hashPassword } from '../../portal/src/platform/password-hash.ts'
import type { TestApp } from '../support/test-app.ts'
import { BROWSERS, PEOPLE, type Person, type Wish } from './share-model.ts'

export const PASSWORD = 'only for this one test'
const DAY_MS = 86_400_000
/** Further apart than any sequence lasts, so that the minute's round of one finds nothing of the next. */
const BETWEEN_SEQUENCES_MS = 30 * DAY_MS

type User = Extract<Actor, { kind: 'user' }>

/** A device whose proofs are a millisecond apart. */
type Device = { prove(token: string, step: string): Promise<string> }

/** One portal on which sequences are played, one after the other; its staff, and devices that visitors hold. */
export type Stage = {
  t: TestApp
  asker: User
  other: User
  stranger: User
  devices: Device[]
  passwordHash: string
}

export async function setStage(t: TestApp): Promise<Stage> {
  const time = risingTime(t)
  return {
    t,
    asker: await t.person('admin', { groups: ['security'] }),
    other: await t.person('admin', { groups: ['operations'] }),
    stranger: await t.person('agency'),
    devices: await Promise.all(BROWSERS.map(() => newDevice(t, time))),
    // Hashing is slow on purpose; who passes is what is tried here.
    passwordHash: await hashPassword(PASSWORD),
  }
}

/** The portal's time in milliseconds, each time later than before: the next proof of a moment must not look older. */
function risingTime({ app }: TestApp): () => number {
  let last = 0
  return () => {
    last = Math.max(last + 1, app.clock().getTime())
    return last
  }
}

async function newDevice(t: TestApp, time: () => number): Promise<Device> {
  const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign'])
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', keys.publicKey)
  return {
    prove: (token, step) =>
      new SignJWT({
        jti: crypto.randomUUID(),
        htm: 'POST',
        htu: `${t.app.settings.PUBLIC_URL}/api/share/${token}${step}`,
        iat: time() / 1000,
      })
        .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: { kty, crv, x, y } as never })
        .sign(keys.privateKey),
  }
}

/** An organisation of its own for one sequence, so that whatever ends for all of somebody ends nothing else. */
export type Island = {
  /** When its shares were made, in milliseconds since 1970. */
  madeAt: number
  owner: User
  colleague: User
  visitors: Actor[]
  videos: [string, string]
  shares: { id: string; token: string; oneDevice: boolean; agreementId: string | null }[]
  addressOf(person: Person): string
}

let serial = 0

export async function makeIsland(stage: Stage, wishes: Wish[]): Promise<Island> {
  const { t } = stage
  t.advance(BETWEEN_SEQUENCES_MS)
  const n = `model${process.pid}x${++serial}`
  const user = (name: string, role: 'agency' | 'guest'): User => ({
    kind: 'user',
    id: `usr_${name}_${n}`,
    role,
    groups: [],
    organisationId: `org_${n}`,
  })
  const [owner, colleague] = [user('owner', 'agency'), user('colleague', 'agency')]
  const addressOf = (person: Person) => `${person}-${n}@guests.example`
  const guests = PEOPLE.map((person) => person && user(person, 'guest'))
  const videos: [string, string] = [`vid_a_${n}`, `vid_b_${n}`]
  await insertAll(
    t,
    n,
    [owner.id, colleague.id],
    videos,
    guests.flatMap((guest) => guest ?? []),
  )
  const shares = []
  for (const wish of wishes) {
    const named = { ...wish, allow: wish.allow.map(entry), deny: wish.deny.map(entry) }
    const maker = wish.by === 'owner' ? owner : colleague
    shares.push(await makeShare(stage, maker, videos[wish.video], named))
  }
  return {
    madeAt: t.app.clock().getTime(),
    owner,
    colleague,
    visitors: guests.map((guest) => guest ?? ANONYMOUS),
    videos,
    shares,
    addressOf,
  }

  function entry(listed: string): string {
    return listed.startsWith('@') ? `${listed}.example` : addressOf(listed as Person)
  }
}

async function insertAll(
  t: TestApp,
  n: string,
  makers: string[],
  videos: string[],
  guests: User[],
): Promise<void> {
  const address = ({ id }: User) => `${id.split('_')[1]}-${n}@guests.example`
  await t.app.pool.query(
    `with organisation as (insert into organisations (id, name, region, created_at) values ($1, $1, 'AU', $2)),
       people as (insert into users (id, name, email)
         select id, id, email from unnest($3::text[], $4::text[]) as person (id, email)),
       membership as (insert into members (user_id, organisation_id, role, created_at)
         select id, $1, 'guest', $2 from unnest($3::text[]) as person (id))
     insert into videos (id, organisation_id, owner_id, title, status, provider, asset_id, playback_id, duration_seconds,
       complete, created_at, checked_at)
     select id, $1, $5, 'Session 14', 'ready', 'mux', replace(id, '_', ''), 'first' || replace(id, '_', ''), 10, true, $2, $2
       from unnest($6::text[]) as video (id)`,
    [
      `org_${n}`,
      t.app.clock(),
      [...makers, ...guests.map(({ id }) => id)],
      [...makers.map((id) => `${id}@example.com`), ...guests.map(address)],
      makers[0],
      videos,
    ],
  )
  t.mux.assets.clear()
  for (const video of videos) {
    const id = video.replaceAll('_', '')
    const playback_ids = [{ id: `first${id}`, policy: 'signed' as const }]
    t.mux.assets.set(id, { id, status: 'ready', upload_id: 'u', playback_ids })
  }
}

async function makeShare({ t, passwordHash }: Stage, maker: User, videoId: string, wish: Wish) {
  const { app } = t
  const now = app.clock().getTime()
  const iso = (at: number) => new Date(at).toISOString()
  const made = await app.call(
    createShare,
    {
      videoId,
      access: wish.access,
      allow: wish.allow,
      deny: wish.deny,
      oneDevice: wish.oneDevice,
      ...(wish.maxViews === null ? {} : { maxViews: wish.maxViews }),
      ...(wish.maxViewers === null ? {} : { maxViewers: wish.maxViewers }),
      ...(wish.startsInMs === null ? {} : { startsAt: iso(now + wish.startsInMs) }),
      ...(wish.agreement ? { agreement: 'Tell nobody.' } : {}),
      expiresAt: iso(now + wish.livesMs),
    },
    app.newContext(maker),
  )
  if (made.status !== 'active') throw new Error('the share waits for a second person')
  const { id, token } = made
  let agreementId: string | null = null
  if (wish.password)
    await app.pool.query('update shares set password_hash = $1 where id = $2', [passwordHash, id])
  if (wish.agreement) {
    const { rows } = await app.pool.query('select agreement_id from shares where id = $1', [id])
    agreementId = rows[0].agreement_id
  }
  return { id, token, oneDevice: wish.oneDevice, agreementId }
}

import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { playOwnVideo } from '#portal/modules/playback/play-own-video.ts'
import type { Actor } from '#portal/platform/context.ts'
import { meetHalfWay } from '../../../../tests/support/meet-half-way.ts'
import { runJobs } from '../../../../tests/support/run-jobs.ts'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { playEmergencyVideo } from './emergency-videos.ts'
import { approveEmergency, emergencyRightsOf, endEmergency, requestEmergency } from './grant-emergency.ts'

type User = Extract<Actor, { kind: 'user' }>
const REASON = 'Customer reports a leaked link, ticket 4711'

let t: TestApp
let second: User
/** What the video service was asked to end. */
let asked: { playbackId: string; sessions: string[] }[] = []

beforeAll(async () => {
  t = await createTestApp({ RATE_LIMIT_ENFORCED: 'false' })
  second = await t.person('admin', { groups: ['security'] })
  t.app.ports.video.revokeSessions = async (playbackId, sessions) => void asked.push({ playbackId, sessions })
})
beforeEach(() => {
  asked = []
})
afterAll(async () => await t?.stop())

const as = (actor: Actor) => t.app.newContext(actor)
const query = async (text: string, values: unknown[] = []) => (await t.app.pool.query(text, values)).rows
const playbackOf = async ({ id }: User, videoId: string) =>
  (await query('select * from owner_playbacks where user_id = $1 and video_id = $2', [id, videoId]))[0]

/** An administrator with an emergency access to the videos of an organisation, as the door lets them in. */
async function admitted(organisationId: string, asker?: User, minutes = 30) {
  const person = asker ?? (await t.person('admin'))
  const { id } = await t.app.call(requestEmergency, { organisationId, minutes, reason: REASON }, as(person))
  await t.app.call(approveEmergency, { id }, as(second))
  const holder: User = { ...person, emergency: await emergencyRightsOf(t.app.db, person.id, t.app.clock()) }
  const play = (videoId: string) => t.app.call(playEmergencyVideo, { id, videoId }, as(holder))
  return { id, holder, play }
}

async function withVideo() {
  const owner = await t.person('agency')
  return { owner, videoId: await t.video(owner) }
}

it('[IDN-04] [ASVS-8.3.2] ended by hand, it ends what plays by it, and nothing else that its holder watches', async () => {
  const [theirs, others] = [await withVideo(), await withVideo()]
  const first = await admitted(theirs.owner.organisationId)
  const other = await admitted(others.owner.organisationId, first.holder)
  const own = await t.video(first.holder)
  await first.play(theirs.videoId)
  await other.play(others.videoId)
  await t.app.call(playOwnVideo, { videoId: own }, as(first.holder))
  const claim = (await playbackOf(first.holder, theirs.videoId)).playback_claim
  await t.app.call(endEmergency, { id: first.id }, as(second))
  await runJobs(t)
  expect(asked).toEqual([{ playbackId: `playback-${theirs.videoId}`, sessions: [claim] }])
  expect(await playbackOf(first.holder, theirs.videoId)).toBeUndefined()
  for (const videoId of [others.videoId, own])
    expect(await playbackOf(first.holder, videoId)).toMatchObject({ user_id: first.holder.id })
  const event = (await t.events()).findLast(({ action }) => action === 'emergency.end')
  expect(event?.details).toMatchObject({ stopped_players: 1 })
})

it('[IDN-04] leaves the holder their own organisation’s videos, which are open to them without it', async () => {
  const asker = await t.person('admin')
  const videoId = await t.video(asker)
  const { id } = await admitted(asker.organisationId, asker)
  await t.app.call(playOwnVideo, { videoId }, as(asker))
  await t.app.call(endEmergency, { id }, as(second))
  await runJobs(t)
  expect(asked).toEqual([])
})

it('[IDN-04] [ASVS-8.3.2] run out, it leaves no token that lives on', async () => {
  const { owner, videoId } = await withVideo()
  const { id, holder, play } = await admitted(owner.organisationId)
  const endsAt = new Date(
    (await query('select ends_at from emergency_grants where id = $1', [id]))[0].ends_at,
  )
  const whole = await play(videoId)
  expect(new Date(whole.expiresAt) < endsAt).toBe(true)
  t.advance(endsAt.getTime() - t.app.clock().getTime() - 60_000)
  const last = await play(videoId)
  expect(last.expiresAt).toBe(endsAt.toISOString())
  const token = new URL(last.playbackUrl).searchParams.get('token') ?? ''
  const { exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
  expect(exp).toBe(Math.floor(endsAt.getTime() / 1000))
  expect((await playbackOf(holder, videoId)).token_expires_at).toEqual(endsAt)
})

it('[ASVS-15.4.2] a preview that meets its end half way is refused', async () => {
  const { owner, videoId } = await withVideo()
  const { id, holder, play } = await admitted(owner.organisationId)
  const change = {
    text: 'update emergency_grants set ends_at = $2 where id = $1',
    values: [id, t.app.clock()],
  }
  const played = await meetHalfWay(t.app.pool, change, () => play(videoId))
  expect(played).toBe('not_found')
  expect(await playbackOf(holder, videoId)).toBeUndefined()
})

import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { changeMember, deactivateMember, reactivateMember } from '#portal/modules/identity/change-member.ts'
import type { Actor } from '#portal/platform/context.ts'
import { meetHalfWay } from '../../../../tests/support/meet-half-way.ts'
import { runJobs } from '../../../../tests/support/run-jobs.ts'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { playOwnVideo } from './play-own-video.ts'

type User = Extract<Actor, { kind: 'user' }>
let t: TestApp
let keeper: User
/** What the video service was asked to end. */
let asked: { playbackId: string; sessions: string[] }[] = []
/** How often it does not answer. */
let failures = 0

beforeAll(async () => {
  t = await createTestApp({ RATE_LIMIT_ENFORCED: 'false' })
  keeper = await t.person('admin', { groups: ['operations'] })
  t.app.ports.video.revokeSessions = async (playbackId, sessions) => {
    if (failures-- > 0) throw new Error('not reachable')
    asked.push({ playbackId, sessions })
  }
})
beforeEach(() => {
  asked = []
  failures = 0
})
afterAll(async () => await t?.stop())

const as = (actor: Actor) => t.app.newContext(actor)
const query = async (text: string, values: unknown[] = []) => (await t.app.pool.query(text, values)).rows
const claimOf = async ({ id }: User) =>
  (await query('select playback_claim from owner_playbacks where user_id = $1', [id]))[0]?.playback_claim

/** Somebody who has just begun to watch a video of their own organisation. */
async function watching(role: 'agency' | 'admin' = 'agency') {
  const person = await t.person(role)
  const videoId = await t.video(person)
  await t.app.call(playOwnVideo, { videoId }, as(person))
  return { person, videoId, ended: { playbackId: `playback-${videoId}`, sessions: [await claimOf(person)] } }
}

it('[IDN-01] [ASVS-8.3.2] a deactivated person’s open preview ends, and they come back under another claim', async () => {
  const { person, videoId, ended } = await watching()
  await t.app.call(deactivateMember, { id: person.id }, as(keeper))
  await runJobs(t)
  expect(asked).toEqual([ended])
  const event = (await t.events()).findLast(({ action }) => action === 'user.deactivate')
  expect(event?.details).toMatchObject({ stopped_players: 1 })
  await t.app.call(reactivateMember, { id: person.id }, as(keeper))
  await t.app.call(playOwnVideo, { videoId }, as(person))
  expect(await claimOf(person)).not.toBe(ended.sessions[0])
})

it('[SPS-10] asks the video service again until it has confirmed', async () => {
  const { person, ended } = await watching()
  failures = 1
  await t.app.call(deactivateMember, { id: person.id }, as(keeper))
  await runJobs(t)
  expect(asked).toEqual([])
  await query('update graphile_worker._private_jobs set run_at = now() where locked_at is null')
  await runJobs(t)
  expect(asked).toEqual([ended])
  expect(await query('select 1 from playback_stops where confirmed_at is null')).toEqual([])
})

it('[ASVS-8.3.2] ends with a lesser role and with another organisation, and not with a greater role or an old token', async () => {
  const lowered = await watching()
  await t.app.call(changeMember, { id: lowered.person.id, role: 'guest' }, as(keeper))
  const moved = await watching()
  const { organisationId } = lowered.person
  await t.app.call(changeMember, { id: moved.person.id, organisationId }, as(keeper))
  const raised = await watching()
  await t.app.call(changeMember, { id: raised.person.id, role: 'admin' }, as(keeper))
  const over = await watching()
  t.advance(t.app.settings.PLAYBACK_TOKEN_TTL_SECONDS * 1000)
  await t.app.call(deactivateMember, { id: over.person.id }, as(keeper))
  await runJobs(t)
  expect(asked).toHaveLength(2)
  expect(asked).toEqual(expect.arrayContaining([lowered.ended, moved.ended]))
})

it('[ASVS-15.4.2] a preview that meets a deactivation half way is refused', async () => {
  const person = await t.person('agency')
  const videoId = await t.video(person)
  const change = { text: 'update members set deactivated_at = now() where user_id = $1', values: [person.id] }
  const played = await meetHalfWay(t.app.pool, change, () =>
    t.app.call(playOwnVideo, { videoId }, as(person)),
  )
  expect(played).toBe('forbidden')
  expect(await claimOf(person)).toBeUndefined()
})

import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { listOutbox } from '#portal/modules/notifications/list-outbox.ts'
import { playOwnVideo } from '#portal/modules/playback/play-own-video.ts'
import { type Actor, ANONYMOUS } from '#portal/platform/context.ts'
import { meetHalfWay } from '../../../../tests/support/meet-half-way.ts'
import { runJobs } from '../../../../tests/support/run-jobs.ts'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { changePassword, requestPasswordReset, resetPassword } from './change-password.ts'
import { endOtherSessions } from './end-sessions.ts'
import { endEverySession, endSessionsOfPerson } from './end-sessions-of.ts'
import { resetSecondFactor } from './remove-second-factor.ts'

type User = Extract<Actor, { kind: 'user' }>
const PASSWORD = 'correct horse battery'
const OTHER_PASSWORD = 'seven plums on monday'

let t: TestApp
let keeper: User
/** What the video service was asked to end. */
let asked: { playbackId: string; sessions: string[] }[] = []
let serial = 0

beforeAll(async () => {
  t = await createTestApp({ RATE_LIMIT_ENFORCED: 'false' })
  keeper = await t.person('admin', { groups: ['security'] })
  t.app.ports.video.revokeSessions = async (playbackId, sessions) => void asked.push({ playbackId, sessions })
})
beforeEach(async () => {
  await query('delete from sessions')
  await query('delete from owner_playbacks')
  asked = []
})
afterAll(async () => await t?.stop())

const as = (actor: Actor) => t.app.newContext(actor)
const query = async (text: string, values: unknown[] = []) => (await t.app.pool.query(text, values)).rows
const CLAIM = 'select playback_claim from owner_playbacks where user_id = $1 and session_id = $2'
const claimOf = async ({ id, sessionId }: User) =>
  (await query(CLAIM, [id, sessionId ?? '']))[0]?.playback_claim

async function session(person: User): Promise<string> {
  const id = `ses_${++serial}`
  const text = `insert into sessions (id, user_id, token, expires_at) values ($1, $2, $1, now() + interval '1 hour')`
  await query(text, [id, person.id])
  return id
}

/** Somebody with as many sessions, who has just begun to watch a video of their own by the first. */
async function watching(count: number, person?: User) {
  const somebody = person ?? (await t.person('agency'))
  const sessionId = await session(somebody)
  for (let n = 1; n < count; n += 1) await session(somebody)
  const user: User = { ...somebody, sessionId }
  const videoId = await t.video(user)
  await t.app.call(playOwnVideo, { videoId }, as(user))
  return { user, videoId, ended: { playbackId: `playback-${videoId}`, sessions: [await claimOf(user)] } }
}

const change = { currentPassword: PASSWORD, newPassword: OTHER_PASSWORD }
const WAYS: Record<string, (user: User) => Promise<unknown>> = {
  'user.end-sessions': ({ id }) => t.app.call(endSessionsOfPerson, { id }, as(keeper)),
  'user.end-every-session': () => t.app.call(endEverySession, { reason: 'Cookies were stolen' }, as(keeper)),
  'user.reset-second-factor': ({ id }) =>
    t.app.call(resetSecondFactor, { id, reason: 'Lost the phone' }, as(keeper)),
  'account.reset-password': async ({ id }) => {
    const [{ email }] = await query('select email from users where id = $1', [id])
    await t.app.call(requestPasswordReset, { email }, as(ANONYMOUS))
    await runJobs(t)
    const { items } = await t.app.call(listOutbox, {}, as({ kind: 'command', id: 'test' }))
    const text = items.find(({ to }) => to === email)?.text ?? ''
    const token = /reset-password#([\w-]+)/.exec(text)?.[1] ?? ''
    await t.app.call(resetPassword, { token, password: OTHER_PASSWORD }, as(ANONYMOUS))
  },
}

/** What leaves the session of whoever asks. */
const WAYS_THAT_KEEP: Record<string, (user: User) => Promise<unknown>> = {
  'account.end-other-sessions': (user) => t.app.call(endOtherSessions, {}, as(user)),
  'account.change-password': (user) => t.app.call(changePassword, { ...change, endOthers: true }, as(user)),
  'user.end-every-session': (user) =>
    t.app.call(endEverySession, { reason: 'Cookies were stolen' }, as(user)),
}

it.each(Object.entries(WAYS_THAT_KEEP))(
  '[IDN-01] [ASVS-7.4.1] %s ends the previews of all others, and leaves that of the session that is kept',
  async (action, end) => {
    const { user, videoId } = await watching(1, await t.person('admin', { groups: ['security'] }))
    const { sessionId: _, ...byKey } = user
    const other = { ...user, sessionId: await session(user) }
    const signedOut = { ...user, sessionId: await session(user) }
    const others: User[] = [other, signedOut, { ...byKey, apiKey: { id: 'apk_1', scopes: ['video.play'] } }]
    for (const one of others) await t.app.call(playOwnVideo, { videoId }, as(one))
    const [mine, theirs] = [await claimOf(user), await Promise.all(others.map(claimOf))]
    expect(new Set([mine, ...theirs]).size).toBe(4)
    await query('delete from sessions where id = $1', [signedOut.sessionId])

    await end(user)
    await runJobs(t)
    expect(asked.flatMap(({ sessions }) => sessions).toSorted()).toEqual(theirs.toSorted())
    expect(await claimOf(user)).toBe(mine)
    await t.app.call(playOwnVideo, { videoId }, as(user))
    expect(await claimOf(user)).toBe(mine)
    const event = (await t.events()).findLast((one) => one.action === action)
    expect(event?.details).toMatchObject({ stopped_players: 3 })
  },
)

it.each(Object.entries(WAYS))('[IDN-01] [ASVS-7.4.1] %s ends the open previews too', async (action, end) => {
  const { user, ended } = await watching(2)
  await end(user)
  await runJobs(t)
  expect(asked).toEqual([ended])
  expect(await claimOf(user)).toBeUndefined()
  const event = (await t.events()).findLast((one) => one.action === action)
  expect(event?.details).toMatchObject({ stopped_players: 1 })
})

it('[IDN-01] whose sessions go on watches on: others, and whoever had no other session to end', async () => {
  const { user } = await watching(1)
  const target = await watching(1)
  await t.app.call(endSessionsOfPerson, { id: target.user.id }, as(keeper))
  await t.app.call(endOtherSessions, {}, as(user))
  await t.app.call(changePassword, { ...change, endOthers: true }, as(user))
  const asking = await watching(1, keeper)
  const reason = 'Cookies of last week were stolen'
  await t.app.call(endEverySession, { before: '2020-01-01T00:00:00Z', reason }, as(asking.user))
  await runJobs(t)
  expect(asked).toEqual([target.ended])
  await t.app.call(endEverySession, { reason }, as(asking.user))
  await runJobs(t)
  expect(asked).toHaveLength(2)
  expect(await claimOf(asking.user)).toBe(asking.ended.sessions[0])
})

it('[ASVS-15.4.2] a preview that meets the end of its session half way is refused', async () => {
  const { user } = await watching(1)
  const videoId = await t.video(user)
  const change = { text: 'delete from sessions where user_id = $1', values: [user.id] }
  const played = await meetHalfWay(t.app.pool, change, () => t.app.call(playOwnVideo, { videoId }, as(user)))
  expect(played).toBe('forbidden')
  expect(await query('select 1 from owner_playbacks where video_id = $1', [videoId])).toEqual([])
})

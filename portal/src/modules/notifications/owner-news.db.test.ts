import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { issuePlayback } from '#portal/modules/playback/issue-playback.ts'
import { createShare } from '#portal/modules/sharing/create-share.ts'
import { openShare } from '#portal/modules/sharing/open-share.ts'
import { revokeShare } from '#portal/modules/sharing/revoke-share.ts'
import { type Actor, ANONYMOUS } from '#portal/platform/context.ts'
import type { AnyJob } from '#portal/platform/job.ts'
import { mailsOf } from '../../../../tests/support/mails-of.ts'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { digestOwners, tellOwners } from './deliver-news.ts'
import { setPreferences, unsubscribe } from './notification-preferences.ts'
import { unsubscribeToken } from './unsubscribe-token.ts'

const HOUR = 3_600_000
let t: TestApp
let agency: Extract<Actor, { kind: 'user' }>
beforeAll(async () => {
  t = await createTestApp()
})
afterAll(async () => await t?.stop())
beforeEach(async () => {
  agency = await t.person('agency')
})

const as = (actor: Actor) => t.app.newContext(actor)
const anyone = () => as(ANONYMOUS)
async function share(options: Record<string, unknown> = {}) {
  const input = { videoId: await t.video(agency, 'Hurdles, lane 5'), access: 'link', ...options }
  const made = await t.app.call(createShare, input, as(agency))
  if (made.status !== 'active') throw new Error('the share waits for a second person')
  return made
}
const look = (job: AnyJob = tellOwners) =>
  job.run({
    app: t.app,
    input: {},
    ctx: as({ kind: 'system', id: job.name }),
    signal: new AbortController().signal,
    attempt: 1,
    maxAttempts: 1,
  })
async function mails() {
  const { rows } = await t.app.pool.query('select email from users where id = $1', [agency.id])
  return (await mailsOf(t)).filter((mail) => mail.to === rows[0].email)
}
const watch = ({ token }: { token: string }) => t.app.call(issuePlayback, { token, cookie: null }, anyone())
const choose = (delivery: string) =>
  t.app.call(
    setPreferences,
    { first_view: delivery, refusals: delivery, expiry: delivery } as never,
    as(agency),
  )

describe('an owner is told', () => {
  it('of the first view of a link, once, with a way out that needs no sign-in', async () => {
    const made = await share()
    await look()
    expect(await mails()).toEqual([])
    await watch(made)
    await watch(made)
    await Promise.all([look(), look()])
    await look()
    const [mail, ...more] = await mails()
    expect(more).toEqual([])
    expect(mail).toMatchObject({
      subject: 'Your link to Hurdles, lane 5 was opened',
      unsubscribeUrl: `http://localhost:3000/api/unsubscribe/${unsubscribeToken(t.app.keys, agency.id)}`,
    })
    expect(mail?.text).toContain(`/shares/${made.id}`)
    expect(mail?.text).not.toContain(made.token)
  })

  it('of refused attempts, together after half an hour', async () => {
    const made = await share()
    await t.app.call(revokeShare, { id: made.id, reason: 'other' }, as(agency))
    const knock = () => t.app.call(openShare, { token: made.token, cookie: null }, anyone()).catch(() => {})
    for (let round = 0; round < 2; round += 1) {
      await knock()
      await knock()
      await t.auditLog.sequencer.drain()
      await look()
    }
    expect(await mails()).toEqual([])
    t.advance(HOUR)
    await look()
    expect((await mails()).map(({ subject }) => subject)).toEqual([
      '4 refused attempts on your link to Hurdles, lane 5',
    ])
  })

  it('a day before a link ends that not everybody has watched', async () => {
    await share({ access: 'email', allow: ['jo@northside.example', 'sam@northside.example'] })
    const watched = await share()
    await watch(watched)
    await share({ expiresAt: new Date(t.app.clock().getTime() + HOUR).toISOString() })
    await look()
    t.advance(6.5 * 24 * HOUR)
    await look()
    await look()
    const told = (await mails()).filter(({ subject }) => subject.includes('ends'))
    expect(told).toHaveLength(1)
    expect(told[0]?.text).toContain('2 invited people have not watched yet')
  })

  it('once a day where they say so, and not at all where they say so', async () => {
    await choose('daily')
    await watch(await share())
    await watch(await share())
    await look()
    expect(await mails()).toEqual([])
    await look(digestOwners)
    expect((await mails()).map(({ subject }) => subject)).toEqual(['Your shared videos today'])
    await choose('off')
    await watch(await share())
    await look()
    await look(digestOwners)
    expect(await mails()).toHaveLength(1)
  })

  it('not any more after one click', async () => {
    const token = unsubscribeToken(t.app.keys, agency.id)
    await expect(t.app.call(unsubscribe, { token: `${token}x` }, anyone())).rejects.toMatchObject({
      code: 'forbidden',
    })
    await t.app.call(unsubscribe, { token }, anyone())
    await watch(await share())
    await look()
    expect(await mails()).toEqual([])
  })

  it('by ten single mails a day at most; the rest comes with the digest', async () => {
    for (let n = 0; n < 13; n += 1) await watch(await share())
    await look()
    expect(await mails()).toHaveLength(10)
    await look(digestOwners)
    expect(await mails()).toHaveLength(11)
  })
})

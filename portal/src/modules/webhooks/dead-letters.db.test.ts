import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startUpload } from '#portal/modules/uploads/start-upload.ts'
import type { Actor } from '#portal/platform/context.ts'
import { runJobs } from '../../../../tests/support/run-jobs.ts'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { serveTestApp, type TestHttp } from '../../../../tests/support/test-http.ts'
import { claimDue } from './claim-events.ts'
import { discardLetter } from './discard-letter.ts'
import { getWebhook, listDeadLetters } from './queries.ts'
import { replayLetter, replayLetters } from './replay-letters.ts'
import { summariseWebhooks } from './summarise-webhooks.ts'
import { readDeadLetterFacts } from './webhook-facts.ts'

type Person = Extract<Actor, { kind: 'user' }>

let t: TestApp
let http: TestHttp
let owner: Person
let mender: Person
let admin: Person
beforeAll(async () => {
  t = await createTestApp()
  http = await serveTestApp(t)
  owner = await t.person('agency')
  mender = await t.person('admin', { groups: ['operations'] })
  admin = await t.person('admin')
})
afterAll(async () => {
  await http?.stop()
  await t?.stop()
})
beforeEach(async () => {
  t.mux.refuse(null)
  await recover()
  await t.app.pool.query('delete from webhook_events')
})

const query = async (text: string, values: unknown[] = []) => (await t.app.pool.query(text, values)).rows
const as = (actor: Actor) => t.app.newContext(actor)
const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** An uploaded file whose video the service has made ready, and its event, which was delivered. */
async function delivered() {
  const file = { filename: 'Heat 2.mp4', contentType: 'video/mp4', size: 1000 }
  const upload = await t.app.call(startUpload, file, as(owner))
  await fetch(upload.uploadUrl, { method: 'PUT', body: 'bytes' })
  const [row] = await query('select provider_upload_id as id from uploads where id = $1', [upload.id])
  const asset = t.mux.assets.get(t.mux.uploads.get(row.id)!.asset_id!)!
  t.mux.finish(asset.id)
  const body = t.mux.event('video.asset.ready', asset)
  const answer = await fetch(`${http.origin}/api/webhooks/mux`, {
    method: 'POST',
    headers: { 'mux-signature': t.mux.sign(body, { at: t.app.clock() }) },
    body,
  })
  expect(answer.status).toBe(200)
  return { eventId: JSON.parse(body).id as string, videoId: upload.videoId, asset }
}

/** The service answers again, and the circuit to it is closed. */
async function recover() {
  t.mux.misbehave(null)
  const answers = () =>
    t.app.ports.video.getUpload('anything').then(
      () => true,
      () => false,
    )
  await expect.poll(answers, { timeout: 30_000, interval: 100 }).toBe(true)
}

const job = async (name: string) => {
  await t.app.runScheduledJob(name)
  await runJobs(t)
}

/** Lets every try of what was delivered fail, until it is a dead letter. */
async function letDie() {
  t.mux.misbehave(403)
  await runJobs(t)
  for (const minutes of [0.2, 1, 3, 12]) {
    t.advance(minutes * MINUTE)
    await job('webhooks.sweep')
  }
  await recover()
}

const stateOf = async (id: string) =>
  (await query('select state, attempts, cause from webhook_events where id = $1', [id]))[0]
const videoState = async (id: string) =>
  (await query('select status from videos where id = $1', [id]))[0].status
const alert = async (key: string) =>
  (await query('select count, resolved_at from alerts where key = $1 order by id desc limit 1', [key]))[0]

describe('an event that can not be applied', () => {
  it('[MUX-03] [MUX-04] is tried five times at growing intervals, told of at the third, and becomes a dead letter', async () => {
    const { eventId } = await delivered()
    t.mux.misbehave(500)
    await runJobs(t)
    expect(await stateOf(eventId)).toMatchObject({ state: 'pending', attempts: 1 })
    // Not due yet: nothing is tried.
    await job('webhooks.sweep')
    expect(await stateOf(eventId)).toMatchObject({ attempts: 1 })
    t.advance(0.2 * MINUTE)
    await job('webhooks.sweep')
    expect(await alert('webhooks.apply:provider_unavailable')).toBeUndefined()
    t.advance(MINUTE)
    await job('webhooks.sweep')
    expect(await alert('webhooks.apply:provider_unavailable')).toMatchObject({ resolved_at: null })
    for (const minutes of [3, 12]) {
      t.advance(minutes * MINUTE)
      await job('webhooks.sweep')
    }
    expect(await stateOf(eventId)).toEqual({ state: 'dead', attempts: 5, cause: 'provider_unavailable' })
    const letter = await t.app.call(getWebhook, { id: eventId }, as(admin))
    expect(letter.tries.map(({ number, outcome, nextStep }) => [number, outcome, nextStep])).toEqual([
      [5, 'failed', 'dead_letter'],
      [4, 'failed', 'retry'],
      [3, 'failed', 'retry'],
      [2, 'failed', 'retry'],
      [1, 'failed', 'retry'],
    ])
    expect(Date.parse(letter.nextTryAt!)).toBeGreaterThan(t.app.clock().getTime() + HOUR / 2)
    expect(await readDeadLetterFacts(t.app.db)).toEqual({ depth: 1, oldestAt: new Date(letter.diedAt!) })
  })

  it('[MUX-05] holds up no other, however its own look at the service ends', async () => {
    const poison = await delivered()
    const others = [await delivered(), await delivered(), await delivered()]
    t.mux.refuse(new RegExp(poison.asset.id))
    await runJobs(t)
    expect(await stateOf(poison.eventId)).toMatchObject({ state: 'pending', attempts: 1 })
    for (const { eventId, videoId } of others) {
      expect(await stateOf(eventId)).toMatchObject({ state: 'applied' })
      expect(await videoState(videoId)).toBe('ready')
    }
  })

  it('[MUX-03] in whose company the process dies each time ends as a dead letter too', async () => {
    const { eventId } = await delivered()
    for (let death = 0; death < 3; death += 1) {
      expect(await claimDue(t.app.pool, t.app.clock(), 10)).toHaveLength(1)
      t.advance(2 * MINUTE)
    }
    await job('webhooks.sweep')
    expect(await stateOf(eventId)).toMatchObject({ state: 'pending', attempts: 1, cause: 'interrupted' })
    t.advance(MINUTE)
    await job('webhooks.sweep')
    expect(await stateOf(eventId)).toMatchObject({ state: 'applied', attempts: 2 })
  })
})

describe('a replay', () => {
  it('[MUX-05] [MUX-09] by the schedule applies what can be applied now, and its alerts clear', async () => {
    const { eventId, videoId } = await delivered()
    await letDie()
    await job('webhooks.replay-due')
    expect(await stateOf(eventId)).toMatchObject({ state: 'dead' })
    t.advance(1.5 * HOUR)
    await job('webhooks.replay-due')
    expect(await stateOf(eventId)).toMatchObject({ state: 'applied', attempts: 6, cause: null })
    expect(await videoState(videoId)).toBe('ready')
    expect((await t.app.call(listDeadLetters, {}, as(admin))).items).toEqual([])
    expect((await alert('webhooks.apply:provider_refused')).resolved_at).not.toBeNull()
    const [replay] = await query(
      'select origin, found, applied, failed from webhook_replays order by asked_at desc',
    )
    expect(replay).toEqual({ origin: 'schedule', found: 1, applied: 1, failed: 0 })
  })

  it('[MUX-09] that fails is told of, comes five times a day at most, and tells when that is used up', async () => {
    const { eventId } = await delivered()
    await letDie()
    t.mux.misbehave(403)
    for (let run = 0; run < 8; run += 1) {
      t.advance(2 * HOUR)
      // Due all the time: then the day's five are the only bound.
      await query('update webhook_events set next_try_at = $1', [t.app.clock()])
      await job('webhooks.replay-due')
    }
    const tries = await query(
      `select count(*) from webhook_attempts where event_id = $1 and origin = 'schedule'`,
      [eventId],
    )
    expect(tries).toEqual([{ count: 5 }])
    expect(await alert('webhooks.replay-failed')).toMatchObject({ resolved_at: null })
    expect(await alert('webhooks.poison')).toMatchObject({ resolved_at: null })
    await recover()
    await t.app.call(replayLetter, { id: eventId }, as(mender))
    await job('webhooks.replay-due')
    expect((await alert('webhooks.poison')).resolved_at).not.toBeNull()
    expect((await alert('webhooks.replay-failed')).resolved_at).not.toBeNull()
  }, 60_000)

  it('[MUX-09] that does not run is told of', async () => {
    await delivered()
    await letDie()
    t.advance(3 * HOUR)
    await job('webhooks.sweep')
    expect(await alert('webhooks.replay-overdue')).toMatchObject({ resolved_at: null })
    await job('webhooks.replay-due')
    await job('webhooks.sweep')
    expect((await alert('webhooks.replay-overdue')).resolved_at).not.toBeNull()
  })

  it('[MUX-05] is planned first, by cause, type and time, and changes nothing then', async () => {
    const before = t.app.clock()
    const first = await delivered()
    await letDie()
    t.advance(MINUTE)
    const since = t.app.clock().toISOString()
    const second = await delivered()
    await letDie()
    const plan = (input: object) => t.app.call(replayLetters, { ...input, dryRun: true }, as(mender))
    expect(await plan({})).toMatchObject({
      dryRun: true,
      found: 2,
      objects: 2,
      causes: [{ cause: 'provider_refused', letters: 2 }],
    })
    expect(await plan({ cause: 'database' })).toMatchObject({ found: 0 })
    expect(await plan({ from: since })).toMatchObject({ found: 1, letters: [{ id: second.eventId }] })
    expect(await plan({ from: before.toISOString(), to: since })).toMatchObject({
      found: 1,
      letters: [{ id: first.eventId }],
    })
    expect(await plan({ type: 'video.asset.errored' })).toMatchObject({ found: 0 })
    expect(await stateOf(first.eventId)).toMatchObject({ state: 'dead', attempts: 5 })
    expect(await t.app.call(replayLetters, { ids: [first.eventId] }, as(mender))).toMatchObject({
      status: 'done',
      found: 1,
      applied: 1,
      failed: 0,
    })
    expect(await stateOf(second.eventId)).toMatchObject({ state: 'dead' })
  })

  it('[MUX-05] of more than a request waits for goes on by a job, audited with its beginning and end', async () => {
    const { asset, videoId } = await delivered()
    await runJobs(t)
    await query(
      `insert into webhook_events (id, provider, type, object_type, object_id, body, occurred_at, received_at, state,
         attempts, cause, next_try_at, died_at)
       select 'many-' || n, 'mux', 'video.asset.updated', 'asset', $1, '{}', $2, $2, 'dead', 5, 'database', $2, $2
       from generate_series(1, 300) n`,
      [asset.id, t.app.clock()],
    )
    const begun = await t.app.call(replayLetters, { cause: 'database' }, as(mender))
    expect(begun).toMatchObject({ status: 'running', found: 300 })
    const calls = t.mux.calls.length
    await runJobs(t)
    expect(await query(`select count(*) from webhook_events where state = 'applied'`)).toEqual([
      { count: 301 },
    ])
    // One object, one look; and that from a list: its end is seen by an empty page.
    expect(t.mux.calls.length - calls).toBeLessThanOrEqual(3)
    expect(await videoState(videoId)).toBe('ready')
    const about = (await t.events()).filter(({ target }) => 'id' in begun && target.id === begun.id)
    expect(about.map(({ action, actor }) => [action, actor.kind])).toEqual([
      ['webhook.replay', 'user'],
      ['webhook.finish-replay', 'system'],
    ])
    expect(about[1]!.details).toMatchObject({ applied: 300, failed: 0 })
  })

  it('[MUX-05] of many letters about many objects lists them, and leaves dead what the list and the service refuse', async () => {
    const made = [await delivered(), await delivered(), await delivered()]
    const poison = await delivered()
    t.mux.assets.delete(poison.asset.id)
    t.mux.refuse(new RegExp(`assets/${poison.asset.id}`))
    await query(`update webhook_events set state = 'dead', attempts = 5, cause = 'database', died_at = $1`, [
      t.app.clock(),
    ])
    await query(
      `insert into webhook_events (id, provider, type, object_type, object_id, body, occurred_at, received_at, state,
         attempts, cause, next_try_at, died_at)
       select e.id || '-' || n, provider, 'video.asset.updated', object_type, object_id, body, occurred_at, received_at,
         state, attempts, cause, next_try_at, died_at from webhook_events e, generate_series(1, 59) n`,
    )
    const begun = await t.app.call(replayLetters, {}, as(mender))
    expect(begun).toMatchObject({ status: 'running', found: 240 })
    await runJobs(t)
    for (const { videoId } of made) expect(await videoState(videoId)).toBe('ready')
    const states = await query('select state, count(*) from webhook_events group by 1 order by 1')
    expect(states).toEqual([
      { state: 'applied', count: 180 },
      { state: 'dead', count: 60 },
    ])
    const settled = (await t.events()).filter(({ target }) =>
      made.some(({ videoId }) => videoId === target.id),
    )
    expect(settled.filter(({ action }) => action === 'upload.settle')).toHaveLength(3)
  })

  it('[MUX-05] whose process died is taken up by another, and each letter is tried once', async () => {
    const { eventId } = await delivered()
    await letDie()
    await query(`update webhook_events set replay_id = 'whr_died', claimed_until = $1, claims = 1`, [
      new Date(t.app.clock().getTime() + MINUTE),
    ])
    await query(
      `insert into webhook_replays (id, origin, asked_by, asked_at, selection, found, progress_at)
       values ('whr_died', 'person', 'usr_1', $1, '{}', 1, $1)`,
      [t.app.clock()],
    )
    t.advance(6 * MINUTE)
    await job('webhooks.replay-due')
    expect(await stateOf(eventId)).toMatchObject({ state: 'applied', attempts: 6 })
    expect(await query(`select applied, failed from webhook_replays where id = 'whr_died'`)).toEqual([
      { applied: 1, failed: 0 },
    ])
    expect(await alert('webhooks.replay-stuck')).toMatchObject({ resolved_at: null })
    await job('webhooks.replay-due')
    expect((await alert('webhooks.replay-stuck')).resolved_at).not.toBeNull()
  })

  it('is for staff of operations, and of dead letters alone', async () => {
    const { eventId } = await delivered()
    await runJobs(t)
    for (const who of [owner, admin]) {
      await expect(t.app.call(replayLetters, {}, as(who))).rejects.toMatchObject({ code: 'forbidden' })
      await expect(t.app.call(replayLetter, { id: eventId }, as(who))).rejects.toMatchObject({
        code: 'forbidden',
      })
      await expect(
        t.app.call(discardLetter, { id: eventId, reason: 'because' }, as(who)),
      ).rejects.toMatchObject({
        code: 'forbidden',
      })
    }
    await expect(t.app.call(replayLetter, { id: eventId }, as(mender))).rejects.toMatchObject({
      code: 'conflict',
    })
    await expect(t.app.call(replayLetter, { id: 'nothing' }, as(mender))).rejects.toMatchObject({
      code: 'not_found',
    })
  })
})

describe('a dead letter', () => {
  it('[MUX-09] is discarded with a reason, for good, and the log says who and why', async () => {
    const { eventId } = await delivered()
    await letDie()
    await expect(t.app.call(discardLetter, { id: eventId, reason: ' ' }, as(mender))).rejects.toMatchObject({
      code: 'invalid',
    })
    await t.app.call(discardLetter, { id: eventId, reason: 'The season is over.' }, as(mender))
    expect(await t.app.call(getWebhook, { id: eventId }, as(admin))).toMatchObject({
      state: 'discarded',
      discardReason: 'The season is over.',
      nextTryAt: null,
    })
    for (const again of [replayLetter, discardLetter] as const)
      await expect(
        t.app.call(
          again as typeof discardLetter,
          { id: eventId, ...(again === discardLetter ? { reason: 'again' } : {}) },
          as(mender),
        ),
      ).rejects.toMatchObject({ code: 'conflict' })
    const event = (await t.events()).find(
      ({ action, outcome }) => action === 'webhook.discard' && outcome === 'allowed',
    )
    expect(event).toMatchObject({ target: { id: eventId }, outcome: 'allowed', actor: { kind: 'user' } })
    expect(JSON.stringify(event)).not.toContain('season')
    expect((await t.app.call(summariseWebhooks, {}, as(admin))).states).toMatchObject({
      discarded: 1,
      dead: 0,
    })
  })

  it('[MUX-09] can not be edited or brought back, not even in the database', async () => {
    const { eventId } = await delivered()
    await letDie()
    for (const change of [
      `body = '{}'`,
      `type = 'video.asset.deleted'`,
      `object_id = 'other'`,
      `state = 'pending'`,
    ])
      await expect(
        query(`update webhook_events set ${change} where id = $1`, [eventId]),
        change,
      ).rejects.toThrow()
    await t.app.call(discardLetter, { id: eventId, reason: 'nobody waits' }, as(mender))
    await expect(query(`update webhook_events set state = 'dead' where id = $1`, [eventId])).rejects.toThrow(
      'can not become',
    )
  })
})

describe('what nobody here knows', () => {
  it('[VOR-06] is kept, is no failure, and is told of once for each type and shape', async () => {
    const { asset } = await delivered()
    const send = async (type: string, change: object = {}) => {
      const body = t.mux.event(type, { ...asset, ...change } as never)
      const headers = { 'mux-signature': t.mux.sign(body, { at: t.app.clock() }) }
      await fetch(`${http.origin}/api/webhooks/mux`, { method: 'POST', headers, body })
      await runJobs(t)
      return await stateOf(JSON.parse(body).id)
    }
    for (let n = 0; n < 3; n += 1) {
      expect(await send('video.asset.warming_up')).toMatchObject({ state: 'applied' })
      expect(await send('video.asset.updated', { status: 'glorious' })).toMatchObject({ state: 'applied' })
    }
    const told = await query(
      `select key, severity, count from alerts where key like 'webhooks.strange:%' order by key`,
    )
    expect(told).toEqual([
      { key: 'webhooks.strange:shape:video.asset.updated:status', severity: 'info', count: 1 },
      { key: 'webhooks.strange:type:video.asset.warming_up', severity: 'info', count: 1 },
    ])
    const { kinds } = await t.app.call(summariseWebhooks, {}, as(admin))
    expect(kinds.map(({ kind }) => kind).sort()).toEqual([
      'shape:video.asset.updated:status',
      'type:video.asset.warming_up',
    ])
    t.advance(25 * HOUR)
    await job('webhooks.sweep')
    expect(
      await query(`select 1 from alerts where key like 'webhooks.strange:%' and resolved_at is null`),
    ).toEqual([])
  })
})

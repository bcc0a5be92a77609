import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import type { Actor, StaffGroup } from '#portal/platform/context.ts'
import { runJobs } from '../../../../../tests/support/run-jobs.ts'
import { createTestApp, grantLogReading, type TestApp } from '../../../../../tests/support/test-app.ts'
import { serveTestApp } from '../../../../../tests/support/test-http.ts'
import { createApiKey } from '../../access/create-api-key.ts'
import { listOutbox } from '../../notifications/list-outbox.ts'
import { searchAudit } from '../queries.ts'
import { getReceipt, readLog } from '../read-log.ts'
import { ensureFirstLogAccess, giveLogAccess } from './give-access.ts'
import { getOwnLogAccess, listLogAccess } from './list-access.ts'
import { approveLogAccess, declineLogAccess, endLogAccess, requestLogAccess } from './request-access.ts'
import { decideLogReview, exportLogReview, listLogReviews } from './review-access.ts'
import { tendLogAccess } from './tend-access.ts'

type User = Extract<Actor, { kind: 'user' }>
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const REASON = 'Looking into ticket 4711'

let t: TestApp
beforeEach(async () => {
  await t?.stop()
  t = await createTestApp()
})
afterAll(() => t?.stop())

const as = (actor: Actor) => t.app.newContext(actor)
const system = () => as({ kind: 'system', id: 'test' })
const command = () => as({ kind: 'command', id: 'os:0' })
/** An administrator in these groups, without any grant. */
async function staff(...groups: StaffGroup[]): Promise<User> {
  const person = await t.person('admin')
  await t.app.pool.query('update members set staff_groups = $2 where user_id = $1', [person.id, groups])
  return { ...person, groups }
}
const search = (person: Actor, input: object = {}) => t.app.call(searchAudit, input, as(person))
const ask = async (person: Actor, hours = 2) =>
  (await t.app.call(requestLogAccess, { reason: REASON, hours }, as(person))).id
const eventsOf = async (area: string) => (await t.events()).filter(({ action }) => action.startsWith(area))
const emailOf = async ({ id }: { id: string }) =>
  (await t.app.pool.query('select email from users where id = $1', [id])).rows[0].email as string
/** Subjects of what was mailed to this person. */
async function mailed(person: { id: string }): Promise<string[]> {
  await runJobs(t)
  const to = await emailOf(person)
  const { items } = await t.app.call(listOutbox, { limit: 100 }, command())
  return items.filter((mail) => mail.to === to).map(({ subject }) => subject)
}
const openAlerts = async () =>
  (await t.app.pool.query('select key from alerts where resolved_at is null')).rows.map(({ key }) => key)

const tend = () =>
  tendLogAccess.run({
    app: t.app,
    input: {},
    ctx: system(),
    signal: new AbortController().signal,
    attempt: 1,
    maxAttempts: 1,
  })

describe('reading the log', () => {
  it('[ALV-05] [ASVS-8.4.2, ASVS-16.4.2] takes a reason and a second person, names its grant in each look, and ends by itself', async () => {
    const [asker, second, other] = [await staff('security'), await staff('compliance'), await staff()]
    await expect(search(asker)).rejects.toMatchObject({ code: 'forbidden', message: /Ask for one/ })
    await expect(
      t.app.call(requestLogAccess, { reason: 'short', hours: 2 }, as(asker)),
    ).rejects.toMatchObject({ code: 'invalid' })
    await expect(
      t.app.call(requestLogAccess, { reason: REASON, hours: 721 }, as(asker)),
    ).rejects.toMatchObject({ code: 'invalid' })
    const id = await ask(asker)
    await expect(ask(asker)).rejects.toMatchObject({ code: 'conflict' })
    await expect(search(asker)).rejects.toMatchObject({ code: 'forbidden' })
    for (const [person, code] of [
      [asker, 'conflict'],
      [other, 'forbidden'],
    ] as const)
      await expect(t.app.call(approveLogAccess, { id }, as(person))).rejects.toMatchObject({ code })

    await t.app.call(approveLogAccess, { id }, as(second))
    await expect(t.app.call(declineLogAccess, { id }, as(second))).rejects.toMatchObject({ code: 'conflict' })
    await search(asker, { actor: 'usr_somebody', action: 'share.' })
    expect((await t.events()).at(-1)).toMatchObject({
      action: 'audit.search',
      actor: { pseudonym: asker.id },
      details: { filters: ['action=share.', 'actor'], continued: false, found: 0, log_grant_id: id },
    })
    const [seen] = (await search(asker, { action: 'audit.search' })).items
    expect(seen?.event).toMatchObject({ actor: { pseudonym: asker.id }, details: { log_grant_id: id } })
    expect(await t.app.call(getOwnLogAccess, {}, as(asker))).toEqual({
      until: new Date(t.app.clock().getTime() + 2 * HOUR_MS).toISOString(),
    })

    expect(await mailed(second)).toEqual(['Somebody asks to read the audit log'])
    expect(await mailed(asker)).toEqual(['You may read the audit log'])
    t.advance(2 * HOUR_MS)
    await expect(search(asker)).rejects.toMatchObject({ code: 'forbidden' })
    await tend()
    expect((await eventsOf('audit-access.')).map(({ action, outcome }) => [action, outcome])).toEqual([
      ['audit-access.request', 'allowed'],
      ['audit-access.approve', 'refused'],
      ['audit-access.approve', 'allowed'],
      ['audit-access.expire', 'allowed'],
      ['audit-access.open-review', 'allowed'],
    ])
    expect(JSON.stringify(await t.events())).not.toMatch(/4711|usr_somebody/)
    const refusals = (await eventsOf('audit.search')).filter(({ outcome }) => outcome === 'refused')
    expect(refusals.map(({ reason }) => reason)).toEqual(['log_grant', 'log_grant', 'log_grant'])
  })

  it('[ALV-05] [ASVS-16.3.2] a receipt and a copy drawn entry by entry are looks too; the copy is noted once an hour', async () => {
    const reader = await staff('security')
    await grantLogReading(t.app, reader.id)
    const [found] = (await search(reader, { limit: 1 })).items
    await t.app.call(getReceipt, { id: found?.event?.id }, as(reader))
    const read = (path: string) => t.app.call(readLog, { path }, as(reader))
    const { size } = await t.auditLog.sequencer.checkpoint()
    for (const path of ['checkpoint', `tile/0/000.p/${size}`]) await read(path)
    const copies = async () => (await eventsOf('audit.read')).length
    expect(await copies()).toBe(0)
    for (let n = 0; n < 3; n++) await read(`tile/entries/000.p/${size}`)
    expect(await copies()).toBe(1)
    t.advance(HOUR_MS)
    await read(`tile/entries/000.p/${size}`)
    expect(await copies()).toBe(2)
    expect(await eventsOf('audit.receipt')).toMatchObject([{ target: { id: found?.event?.id } }])
  })

  it('[ALV-05] is ended by its holder or by those who decide, and by nobody else', async () => {
    const [reader, other, decider] = [await staff(), await staff(), await staff('compliance')]
    for (const by of [reader, decider]) {
      const id = await grantLogReading(t.app, reader.id)
      await search(reader)
      await expect(t.app.call(endLogAccess, { id }, as(other))).rejects.toMatchObject({ code: 'not_found' })
      await t.app.call(endLogAccess, { id }, as(by))
      await expect(search(reader)).rejects.toMatchObject({ code: 'forbidden' })
    }
  })

  it('[ALV-05] an unanswered question lapses after three days', async () => {
    const [asker, second] = [await staff(), await staff('security')]
    const id = await ask(asker)
    t.advance(72 * HOUR_MS)
    await expect(t.app.call(approveLogAccess, { id }, as(second))).rejects.toMatchObject({ code: 'conflict' })
    expect(await t.app.call(listLogAccess, {}, as(second))).toMatchObject([{ id, state: 'lapsed' }])
    await ask(asker)
  })

  it('[ALV-05] an API key reads by its owner’s grant, and neither asks nor agrees', async () => {
    const owner = await staff('security')
    const { key } = await t.app.call(createApiKey, { name: 'Evidence', scopes: ['audit.*'] }, as(owner))
    const http = await serveTestApp(t)
    const send = (method: string, path: string, body?: object) =>
      http.send(method, path, { headers: { authorization: `Bearer ${key}` }, ...(body ? { body } : {}) })
    expect((await send('GET', '/api/admin/audit')).status).toBe(403)
    const grant = await grantLogReading(t.app, owner.id)
    expect((await send('GET', '/api/admin/audit')).status).toBe(200)
    expect((await t.events()).at(-1)?.details).toMatchObject({ log_grant_id: grant, api_key_id: /^apk_/ })
    expect((await send('POST', '/api/admin/audit/access', { reason: REASON })).status).toBe(403)
    await http.stop()
  })
})

describe('where nobody can agree', () => {
  it('[ALV-05] a fresh installation has one first grant, for an administrator who answers for the log', async () => {
    await t.person('agency')
    await ensureFirstLogAccess(t.app, system())
    expect(await t.app.call(listLogAccess, {}, command())).toEqual([])
    const first = await staff('security')
    await Promise.all([1, 2, 3].map(() => ensureFirstLogAccess(t.app, system())))
    expect(await t.app.call(listLogAccess, {}, as(first))).toMatchObject([
      { mine: true, origin: 'first', state: 'running', hours: 720, decidedBy: null },
    ])
    await search(first)
    t.advance(30 * DAY_MS)
    await expect(search(first)).rejects.toMatchObject({ code: 'forbidden' })
    await ensureFirstLogAccess(t.app, system())
    await expect(search(first)).rejects.toMatchObject({ code: 'forbidden' })
    expect(await eventsOf('audit-access.first')).toMatchObject([{ outcome: 'allowed', reason: 'first' }])
  })

  it('[ALV-05] the machine gives a grant aloud: in the log and by an alert, until it is over', async () => {
    const alone = await staff('security', 'compliance')
    const input = { email: await emailOf(alone), hours: 3, reason: REASON }
    await expect(t.app.call(giveLogAccess, input, as(alone))).rejects.toMatchObject({ code: 'forbidden' })
    await expect(
      t.app.call(giveLogAccess, { ...input, email: 'nobody@example.com' }, command()),
    ).rejects.toMatchObject({ code: 'not_found' })
    const { id } = await t.app.call(giveLogAccess, input, command())
    await search(alone)
    expect((await eventsOf('audit-access.give')).at(-1)).toMatchObject({
      actor: { kind: 'command' },
      target: { id },
      reason: 'command',
    })
    expect(await openAlerts()).toEqual([`log-access-by-command:${id}`])
    t.advance(3 * HOUR_MS)
    await tend()
    expect(await openAlerts()).toEqual([])
  })
})

describe('the quarterly review of access to the log', () => {
  it('[ALV-05] lists each grant with its looks, takes evidence from somebody else, and removes at once', async () => {
    const [reader, judge] = [await staff('security'), await staff('compliance')]
    const over = await grantLogReading(t.app, judge.id)
    await search(judge)
    await t.app.call(endLogAccess, { id: over }, as(judge))
    const running = await grantLogReading(t.app, reader.id)
    await search(reader)
    await search(reader)
    await t.auditLog.sequencer.drain()
    await tend()
    await tend()
    const [review, ...others] = await t.app.call(listLogReviews, {}, as(judge))
    expect(others).toEqual([])
    expect(review).toMatchObject({ quarter: '2026-Q4', overdue: false, closedAt: null })
    expect(review?.items).toHaveLength(2)
    expect(review?.items).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ grantId: over, running: false, reads: 1 }),
        expect.objectContaining({ grantId: running, running: true, reads: 2 }),
      ]),
    )
    const decide = (grantId: string, decision: 'keep' | 'remove', by: User, evidence = '=HYPERLINK("x")') =>
      t.app.call(decideLogReview, { reviewId: review?.id, grantId, decision, evidence }, as(by))
    await expect(decide(running, 'keep', reader)).rejects.toMatchObject({ code: 'conflict' })
    expect(await decide(running, 'remove', judge)).toEqual({ decision: 'remove', ended: true, closed: false })
    await expect(search(reader)).rejects.toMatchObject({ code: 'forbidden' })
    await expect(decide(running, 'keep', judge)).rejects.toMatchObject({ code: 'not_found' })
    expect(await decide(over, 'keep', reader)).toEqual({ decision: 'keep', ended: false, closed: true })
    const { name, lines } = await t.app.call(exportLogReview, { id: review?.id }, as(judge))
    expect(name).toBe('log-access-2026-Q4')
    expect(lines).toHaveLength(3)
    expect(lines.filter((line) => line.includes(`"'=HYPERLINK(""x"")"`))).toHaveLength(2)
    expect((await eventsOf('audit-access.review')).map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ['allowed', 'remove'],
      ['allowed', 'keep'],
    ])
    expect(JSON.stringify(await t.events())).not.toContain('HYPERLINK')
  })

  it('[ALV-05] reminds each week, and says aloud that it is overdue until it is closed', async () => {
    const [reader, judge] = [await staff('security'), await staff('compliance')]
    const grantId = await grantLogReading(t.app, reader.id)
    await tend()
    const mails = async () => (await mailed(judge)).length
    expect(await mails()).toBe(1)
    t.advance(6 * DAY_MS)
    await tend()
    expect(await mails()).toBe(1)
    t.advance(DAY_MS)
    await tend()
    expect(await mails()).toBe(2)
    t.advance(23 * DAY_MS)
    await tend()
    expect(await openAlerts()).toContain('log-review-overdue')
    const [review] = await t.app.call(listLogReviews, {}, as(judge))
    expect(review?.overdue).toBe(true)
    const decision = { reviewId: review?.id, grantId, decision: 'keep', evidence: 'Asked their lead' }
    await t.app.call(decideLogReview, decision, as(judge))
    await tend()
    expect(await openAlerts()).not.toContain('log-review-overdue')
  })
})

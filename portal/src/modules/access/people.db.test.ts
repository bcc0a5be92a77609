import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Actor, StaffGroup } from '#portal/platform/context.ts'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { serveTestApp } from '../../../../tests/support/test-http.ts'
import { acceptInvitation } from '../identity/accept-invitation.ts'
import { changeMember, deactivateMember, reactivateMember } from '../identity/change-member.ts'
import { inviteUser } from '../identity/invite-user.ts'
import { listUsers } from '../identity/queries.ts'
import { resendInvitation, withdrawInvitation } from '../identity/tend-invitation.ts'
import { createOrganisation, listColleagues, listOrganisations } from '../identity/tend-organisations.ts'
import { createApiKey } from './create-api-key.ts'
import { openStaffReview, tendReviews } from './review-jobs.ts'
import { decideGrant, endGroup, grantGroup, listStaffReviews } from './staff-groups.ts'

type User = Extract<Actor, { kind: 'user' }>
const DAY_MS = 86_400_000

let t: TestApp
beforeAll(async () => {
  t = await createTestApp()
})
afterAll(() => t?.stop())

const as = (actor: Actor) => t.app.newContext(actor)
const system = () => as({ kind: 'system', id: 'test' })
async function staff(groups: StaffGroup[]): Promise<User> {
  const person = await t.person('admin', { groups })
  await t.app.pool.query('update members set staff_groups = $2 where user_id = $1', [person.id, groups])
  return person
}
const groupsOf = async (id: string) =>
  (await t.app.pool.query('select staff_groups from members where user_id = $1', [id])).rows[0].staff_groups

describe('organisations and their people', () => {
  it('[IDN-01] [PRJ-01] are made by name and region; an agency sees its own people alone', async () => {
    const admin = await staff(['security'])
    const made = await t.app.call(createOrganisation, { name: 'Nordlicht', region: 'EU' }, as(admin))
    await expect(t.app.call(createOrganisation, { name: 'nordlicht' }, as(admin))).rejects.toMatchObject({
      code: 'conflict',
    })
    const one = await t.person('agency', { organisation: 'Nordlicht' })
    const other = await t.person('agency')
    expect(one.organisationId).toBe(made.id)
    const people = await t.app.call(listColleagues, {}, as(one))
    expect(people.map(({ id }) => id)).toEqual([one.id])
    expect((await t.app.call(listColleagues, {}, as(other))).map(({ id }) => id)).toEqual([other.id])
    const all = await t.app.call(listOrganisations, {}, as(admin))
    expect(all).toContainEqual(expect.objectContaining({ name: 'Nordlicht', region: 'EU', people: 1 }))
  })

  it('[IDN-01] [ASVS-6.4.1] an invitation that is sent again has a new link; one that is withdrawn has none', async () => {
    const admin = await staff(['security'])
    const first = await t.app.call(
      inviteUser,
      { email: 'late@example.com', organisation: 'Nordlicht' },
      as(admin),
    )
    const again = await t.app.call(resendInvitation, { id: first.id }, as(admin))
    const join = (url: string) =>
      t.app.call(
        acceptInvitation,
        { token: new URL(url).hash.slice(1), name: 'Late', password: 'correct horse battery' },
        as({ kind: 'anonymous', id: 'anonymous' }),
      )
    await expect(join(first.url)).rejects.toMatchObject({ code: 'forbidden' })
    await t.app.call(withdrawInvitation, { id: first.id }, as(admin))
    await expect(join(again.url)).rejects.toMatchObject({ code: 'forbidden' })
    await expect(t.app.call(resendInvitation, { id: first.id }, as(admin))).rejects.toMatchObject({
      code: 'not_found',
    })
  })

  it('[IDN-01] [ASVS-7.4.2, ASVS-8.3.2] a deactivated person is out at once, by session and by key, and may be let in again', async () => {
    const operator = await staff(['operations'])
    const person = await t.person('agency')
    const { rows } = await t.app.pool.query('select email from users where id = $1', [person.id])
    const http = await serveTestApp(t)
    await http.signIn(rows[0].email, 'correct horse battery')
    const { key } = await t.app.call(createApiKey, { name: 'Nightly', scopes: ['video.list'] }, as(person))
    const byKey = () => fetch(`${http.origin}/api/videos`, { headers: { authorization: `Bearer ${key}` } })
    expect([(await http.send('GET', '/api/videos')).status, (await byKey()).status]).toEqual([200, 200])
    const ended = await t.app.call(deactivateMember, { id: person.id }, as(operator))
    expect(ended).toMatchObject({ sessionsEnded: 1, keysEnded: 1 })
    expect([(await http.send('GET', '/api/videos')).status, (await byKey()).status]).toEqual([401, 401])
    await http.signIn(rows[0].email, 'correct horse battery')
    expect((await http.send('GET', '/api/videos')).status).toBe(401)
    const listed = async () =>
      (await t.app.call(listUsers, { limit: 100 }, as(operator))).items.find(({ id }) => id === person.id)
    expect((await listed())?.deactivatedAt).toBe(t.app.clock().toISOString())
    await t.app.call(reactivateMember, { id: person.id }, as(operator))
    expect(await listed()).toMatchObject({ deactivatedAt: null, organisationId: person.organisationId })
    await http.signIn(rows[0].email, 'correct horse battery')
    expect([(await http.send('GET', '/api/videos')).status, (await byKey()).status]).toEqual([200, 401])
    await http.stop()
  })

  it('[IDN-01] [ASVS-8.3.2] nobody changes or deactivates themselves, and a lost role takes its groups along', async () => {
    const operator = await staff(['operations'])
    for (const op of [changeMember, deactivateMember])
      await expect(
        t.app.call(op as never, { id: operator.id, role: 'guest' } as never, as(operator)),
      ).rejects.toThrow()
    const other = await staff(['finance'])
    await t.app.call(changeMember, { id: other.id, role: 'agency' }, as(operator))
    expect(await groupsOf(other.id)).toEqual([])
    const ungrouped = await t.person('admin')
    await expect(t.app.call(listUsers, {}, as(ungrouped))).rejects.toMatchObject({ code: 'forbidden' })
    const helper = await staff(['support'])
    expect((await t.app.call(listUsers, { limit: 1 }, as(helper))).items).toHaveLength(1)
    await expect(t.app.call(createOrganisation, { name: 'By support' }, as(helper))).rejects.toMatchObject({
      code: 'forbidden',
    })
    await expect(t.app.call(deactivateMember, { id: other.id }, as(ungrouped))).rejects.toMatchObject({
      code: 'forbidden',
    })
  })
})

describe('staff groups', () => {
  it('[IDN-03] [ASVS-8.2.3] are granted by somebody else, with a reason that only the log’s readers see', async () => {
    const security = await staff(['security'])
    const other = await staff([])
    const grant = { userId: other.id, group: 'support' as const, reason: 'First line since November' }
    await t.app.call(grantGroup, grant, as(security))
    expect(await groupsOf(other.id)).toEqual(['support'])
    await expect(
      t.app.call(grantGroup, { ...grant, userId: security.id }, as(security)),
    ).rejects.toMatchObject({ code: 'conflict' })
    const agency = await t.person('agency')
    await expect(t.app.call(grantGroup, { ...grant, userId: agency.id }, as(security))).rejects.toMatchObject(
      { code: 'conflict' },
    )
    await t.app.call(endGroup, grant, as(security))
    expect(await groupsOf(other.id)).toEqual([])
    const events = (await t.events()).filter(
      ({ action, outcome }) => action.startsWith('staff.') && outcome === 'allowed',
    )
    expect(events).toMatchObject([{ details: { group: 'support' } }, { details: { group: 'support' } }])
    expect(JSON.stringify(events)).not.toContain('First line')
  })

  it('[IDN-03] are reviewed each quarter, grant by grant, by somebody else; an overdue review is said aloud', async () => {
    const [one, two] = [await staff(['security']), await staff(['compliance', 'finance'])]
    expect((await t.app.call(openStaffReview, {}, system())).opened).toBe(true)
    expect((await t.app.call(openStaffReview, {}, system())).opened).toBe(false)
    const [review] = await t.app.call(listStaffReviews, {}, as(one))
    const decide = (userId: string, group: StaffGroup, by: User, decision: 'keep' | 'revoke' = 'keep') =>
      t.app.call(
        decideGrant,
        { reviewId: review!.id, userId, group, decision, evidence: 'Asked their lead' },
        as(by),
      )
    await expect(decide(one.id, 'security', one)).rejects.toMatchObject({ code: 'conflict' })
    await decide(two.id, 'finance', one, 'revoke')
    const [decided] = await t.app.call(listStaffReviews, {}, as(two))
    const { rows } = await t.app.pool.query('select name from users where id = $1', [one.id])
    expect(
      decided?.items.find(({ userId, group }) => userId === two.id && group === 'finance'),
    ).toMatchObject({
      decision: 'revoke',
      evidence: 'Asked their lead',
      decidedByName: rows[0].name,
    })
    expect(await groupsOf(two.id)).toEqual(['compliance'])

    t.advance(31 * DAY_MS)
    const tend = () =>
      tendReviews.run({
        app: t.app,
        input: {},
        ctx: system(),
        signal: new AbortController().signal,
        attempt: 1,
        maxAttempts: 1,
      })
    const overdue = async () =>
      (
        await t.app.pool.query(
          `select 1 from alerts where key = 'staff-review-overdue' and resolved_at is null`,
        )
      ).rowCount
    await tend()
    expect(await overdue()).toBe(1)
    for (const { userId, group, decision } of review!.items)
      if (!decision && !(userId === two.id && group === 'finance'))
        await decide(userId, group, userId === one.id ? two : one)
    await tend()
    expect(await overdue()).toBe(0)
  })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runJobs } from '../../../../tests/support/run-jobs.ts'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { serveTestApp, type TestHttp } from '../../../../tests/support/test-http.ts'
import { tendReviews } from './review-jobs.ts'

const DAY_MS = 86_400_000
const REASON = 'Customer reports a leaked link, ticket 4711'

type Staff = { id: string; http: TestHttp }

let t: TestApp
const open: TestHttp[] = []
beforeAll(async () => {
  t = await createTestApp()
})
afterAll(async () => {
  await Promise.all(open.map((http) => http.stop()))
  await t?.stop()
})

/** An administrator in these groups, signed in with a browser of their own. */
async function staff(groups: string): Promise<Staff> {
  const { id } = await t.person('admin')
  await t.app.pool.query('update members set staff_groups = $2 where user_id = $1', [id, groups])
  const { rows } = await t.app.pool.query('select email from users where id = $1', [id])
  const http = await serveTestApp(t)
  open.push(http)
  expect((await http.signIn(rows[0].email, 'correct horse battery')).status).toBe(200)
  return { id, http }
}

const post = async (person: Staff, path: string, body: object = {}) => {
  const answer = await person.http.send('POST', `/api/admin/${path}`, { body })
  return { status: answer.status, body: (await answer.json()) as Record<string, string> }
}
const statusOf = async (person: Staff, path: string) => (await person.http.send('GET', path)).status

describe('emergency access', () => {
  it('[IDN-04] takes two people and a reason, runs for its time, is named in each use, and is looked at by a third', async () => {
    const [asker, second, third] = [await staff('{}'), await staff('{security}'), await staff('{compliance}')]
    expect(await statusOf(asker, '/api/admin/audit')).toBe(403)
    expect((await post(asker, 'emergency', { group: 'security', reason: 'short' })).status).toBe(400)
    const asked = await post(asker, 'emergency', { group: 'security', minutes: 30, reason: REASON })
    expect(asked).toMatchObject({ status: 201, body: { status: 'pending' } })
    const path = `emergency/${asked.body.id}`
    expect(await statusOf(asker, '/api/admin/audit')).toBe(403)
    expect((await post(asker, `${path}/approve`)).status).toBe(403)

    expect((await post(second, `${path}/approve`)).body.status).toBe('approved')
    expect((await post(third, `${path}/approve`)).status).toBe(409)
    expect(await statusOf(asker, '/api/admin/audit')).toBe(200)
    const uses = (await t.events()).filter(({ action }) => action === 'emergency.use')
    expect(uses).toMatchObject([
      {
        target: { id: asked.body.id },
        details: { operation: 'audit.search', emergency_grant_id: asked.body.id },
      },
    ])

    await runJobs(t)
    const alerts = () =>
      t.app.pool.query('select resolved_at from alerts where key = $1', [`emergency:${asked.body.id}`])
    expect((await alerts()).rows).toEqual([{ resolved_at: null }])
    expect((await post(third, `${path}/review`, { verdict: 'justified', note: 'Ticket read' })).status).toBe(
      409,
    )

    t.advance(30 * 60_000)
    expect(await statusOf(asker, '/api/admin/audit')).toBe(403)
    for (const person of [asker, second])
      expect((await post(person, `${path}/review`, { verdict: 'justified', note: 'Fine' })).status).toBeOneOf(
        [403, 409],
      )
    expect((await post(third, `${path}/review`, { verdict: 'justified', note: 'Ticket read' })).status).toBe(
      200,
    )
  })

  it('[IDN-04] opens one organisation’s videos for reading, to its holder alone, and no other thing', async () => {
    const [asker, second] = [await staff('{support}'), await staff('{security}')]
    const owner = await t.person('agency')
    const video = await t.video(owner)
    const { organisationId } = owner
    const asked = await post(asker, 'emergency', { organisationId, reason: REASON })
    const videos = `/api/admin/emergency/${asked.body.id}/videos`
    expect(await statusOf(asker, videos)).toBe(404)
    await post(second, `emergency/${asked.body.id}/approve`)
    const list = (await (await asker.http.send('GET', videos)).json()) as { items: { id: string }[] }
    expect(list.items.map(({ id }) => id)).toEqual([video])
    expect((await asker.http.send('POST', `${videos}/${video}/play`, { body: {} })).status).toBe(200)
    expect(await statusOf(second, videos)).toBe(404)
    expect(await statusOf(asker, `/api/videos/${video}`)).toBe(404)
    expect((await asker.http.send('DELETE', `/api/videos/${video}`)).status).toBe(404)
    const uses = (await t.events()).filter(({ details }) => details?.emergency_grant_id === asked.body.id)
    expect(uses.map(({ action }) => action)).toEqual(['emergency.use', 'emergency.use', 'video.play'])
    expect((await post(asker, `emergency/${asked.body.id}/end`)).body.status).toBe('ended')
    expect(await statusOf(asker, videos)).toBe(404)
  })

  it('[IDN-04] prolongs nothing and makes no other: what it gives never decides over rights', async () => {
    const [asker, second] = [await staff('{}'), await staff('{security}')]
    const asked = await post(asker, 'emergency', { group: 'security', reason: REASON })
    await post(second, `emergency/${asked.body.id}/approve`)
    const other = await post(second, 'emergency', { group: 'finance', reason: REASON })
    expect((await post(asker, `emergency/${other.body.id}/approve`)).status).toBe(403)
    const grant = { userId: second.id, group: 'finance', reason: REASON }
    expect((await post(asker, 'staff/grant', grant)).status).toBe(403)
  })

  it('[IDN-04] asks aloud for a review that nobody makes', async () => {
    const [asker, second] = [await staff('{}'), await staff('{security}')]
    const asked = await post(asker, 'emergency', { group: 'finance', reason: REASON })
    await post(second, `emergency/${asked.body.id}/approve`)
    t.advance(5 * DAY_MS)
    const ctx = t.app.newContext({ kind: 'system', id: 'test' })
    await tendReviews.run({
      app: t.app,
      input: {},
      ctx,
      signal: new AbortController().signal,
      attempt: 1,
      maxAttempts: 1,
    })
    const { rows } = await t.app.pool.query(
      `select 1 from alerts where key = 'emergency-review-overdue' and resolved_at is null`,
    )
    expect(rows).toHaveLength(1)
  })
})

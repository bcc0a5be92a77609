import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { issuePlayback } from '#portal/modules/playback/issue-playback.ts'
import { type Actor, ANONYMOUS } from '#portal/platform/context.ts'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { changeShare } from './change-share.ts'
import { createShare } from './create-share.ts'
import { openShare } from './open-share.ts'
import { getShare } from './queries.ts'
import { revokeShare } from './revoke-share.ts'
import { cancelScheduledRevoke, scheduleRevoke } from './schedule-revoke.ts'

let t: TestApp
let agency: Extract<Actor, { kind: 'user' }>
beforeAll(async () => {
  t = await createTestApp()
  agency = await t.person('agency')
})
afterAll(async () => await t?.stop())

const mine = () => t.app.newContext(agency)
const visitor = () => t.app.newContext(ANONYMOUS)
async function link() {
  const made = await t.app.call(
    createShare,
    { videoId: await t.video(agency), access: 'link', note: 'First cut' },
    mine(),
  )
  if (made.status !== 'active') throw new Error('the share waits for a second person')
  return made
}

describe('a live link', () => {
  it('[SPS-01] shows its viewers the note as it is now, and none where it was emptied', async () => {
    const { id, token } = await link()
    await t.app.call(changeShare, { id, note: '  Second cut  ' }, mine())
    const { newCookie: cookie, ...first } = await t.app.call(
      issuePlayback,
      { token, cookie: null },
      visitor(),
    )
    expect(first.note).toBe('Second cut')
    await t.app.call(changeShare, { id, note: '' }, mine())
    expect((await t.app.call(issuePlayback, { token, cookie }, visitor())).note).toBeNull()
    const event = (await t.events()).findLast(({ action }) => action === 'share.change')
    expect(event).toMatchObject({ outcome: 'allowed', details: { note: false, analytics: true } })
    expect(JSON.stringify(await t.events())).not.toContain('Second cut')
  })

  it('[SPS-01] tells viewers at the gate whether watching is kept; what is not named stays', async () => {
    const { id, token } = await link()
    await t.app.call(changeShare, { id, analytics: false }, mine())
    expect((await t.app.call(openShare, { token, cookie: null }, visitor())).recorded).toBe(false)
    expect(await t.app.call(getShare, { id }, mine())).toMatchObject({ analytics: false, note: 'First cut' })
    await t.app.call(changeShare, { id, analytics: true }, mine())
    expect((await t.app.call(openShare, { token, cookie: null }, visitor())).recorded).toBe(true)
  })

  it('[SPS-05] says that it is to be revoked, when and why, until that is cancelled', async () => {
    const { id } = await link()
    const at = new Date(t.app.clock().getTime() + 3_600_000).toISOString()
    await t.app.call(scheduleRevoke, { id, at, reason: 'legal' }, mine())
    expect(await t.app.call(getShare, { id }, mine())).toMatchObject({
      expiresAt: at,
      scheduledReason: 'legal',
    })
    await t.app.call(cancelScheduledRevoke, { id }, mine())
    expect((await t.app.call(getShare, { id }, mine())).scheduledReason).toBeNull()
  })
})

it('[SPS-01] changes nothing once the link has ended, and nothing of somebody else’s', async () => {
  const { id } = await link()
  const stranger = t.app.newContext(await t.person('agency'))
  const admin = t.app.newContext(await t.person('admin'))
  for (const ctx of [stranger, admin])
    await expect(t.app.call(changeShare, { id, note: 'x' }, ctx)).rejects.toMatchObject({ code: 'not_found' })
  await t.app.call(revokeShare, { id, reason: 'other' }, mine())
  await expect(t.app.call(changeShare, { id, note: 'x' }, mine())).rejects.toMatchObject({ code: 'conflict' })
  expect((await t.app.call(getShare, { id }, mine())).note).toBe('First cut')
})

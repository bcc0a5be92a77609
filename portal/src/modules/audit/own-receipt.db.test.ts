import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { createShare } from '../sharing/create-share.ts'
import { revokeShare } from '../sharing/revoke-share.ts'
import { renameVideo } from '../videos/rename-video.ts'
import { getOwnReceipt } from './read-own-receipt.ts'
import { verifyReceipt } from './verifier.mjs'

type Person = Awaited<ReturnType<TestApp['person']>>

let t: TestApp
let owner: Person
let stranger: Person
let staff: Person
const events: Record<string, string> = {}

const receiptFor = (person: Person, id: string) => t.app.call(getOwnReceipt, { id }, t.app.newContext(person))

beforeAll(async () => {
  t = await createTestApp()
  ;[owner, stranger, staff] = [await t.person('agency'), await t.person('agency'), await t.person('admin')]
  const videoId = await t.video(owner)
  const share = await t.app.call(createShare, { videoId, access: 'link' }, t.app.newContext(owner))
  await t.app.call(renameVideo, { id: videoId, title: 'Another title' }, t.app.newContext(owner))
  await t.app.call(revokeShare, { id: share.id, reason: 'wrong_recipient' }, t.app.newContext(staff))
  await t.app.auditReader.head()
  const { rows } = await t.app.pool.query('select event_id, action, actor from audit_leaves')
  for (const row of rows) events[`${row.action} ${row.actor}`] = row.event_id
})
afterAll(() => t.stop())

describe('the receipt of an event that concerns somebody', () => {
  test.each(['share.create', 'video.rename'])('[ALV-02] proves what they did: %s', async (action) => {
    const { text } = await receiptFor(owner, events[`${action} ${owner.id}`]!)
    const { current } = await t.app.auditReader.keys()
    const report = await verifyReceipt(text, { vkeys: current })
    expect(report).toMatchObject({ ok: true, event: { action, actor: { pseudonym: owner.id } } })
  })

  test('[ALV-02] proves what staff did to their link', async () => {
    const { text } = await receiptFor(owner, events[`share.revoke ${staff.id}`]!)
    const { current } = await t.app.auditReader.keys()
    expect(await verifyReceipt(text, { vkeys: current })).toMatchObject({
      ok: true,
      event: { action: 'share.revoke', actor: { pseudonym: staff.id } },
    })
  })

  test('[ALV-05] is nobody else’s, and an event that does not exist is answered in the same words', async () => {
    const mine = events[`share.create ${owner.id}`]!
    const answers = await Promise.all(
      [
        [stranger, mine] as const,
        [staff, mine] as const,
        [stranger, 'evt_1111111111111111111111'] as const,
      ].map(([person, id]) =>
        receiptFor(person, id).catch((error) => ({ code: error.code, message: error.message })),
      ),
    )
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
    expect(answers[0]).toMatchObject({ code: 'not_found' })
  })

  test('[ALV-05] takes somebody who is signed in', async () => {
    const guest = await t.person('guest')
    await expect(receiptFor(guest, events[`share.create ${owner.id}`]!)).rejects.toMatchObject({
      code: 'forbidden',
    })
  })
})

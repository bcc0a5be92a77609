import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { ANONYMOUS } from '../../platform/context.ts'
import type { Operation } from '../../platform/operation.ts'
import { getAccountHistory } from '../identity/account-history.ts'
import { renameAccount } from '../identity/read-account.ts'
import { createShare } from '../sharing/create-share.ts'
import { revokeShare } from '../sharing/revoke-share.ts'
import { startUpload } from '../uploads/start-upload.ts'
import { getUploadHistory } from '../uploads/upload-history.ts'
import { renameVideo } from '../videos/rename-video.ts'
import { getVideoHistory } from '../videos/video-history.ts'
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

  test('[ALV-05] is a guest’s for what they did themselves, not for what their organisation has', async () => {
    const guest: Person = { ...(await t.person('guest')), organisationId: owner.organisationId }
    const notTheirs = { code: 'not_found' }
    await expect(receiptFor(guest, events[`share.create ${owner.id}`]!)).rejects.toMatchObject(notTheirs)
    await t.app.call(renameAccount, { name: 'Kim' }, t.app.newContext(guest))
    await t.app.auditReader.head()
    const { items } = await t.app.call(getAccountHistory, { limit: 50 }, t.app.newContext(guest))
    expect(items.map(({ action }) => action)).toEqual(['account.rename', 'user.create'])
    expect((await receiptFor(guest, items[0]!.id)).text).toContain('c2sp.org/tlog-proof')
  })

  test('[ALV-05] takes somebody who is signed in', async () => {
    const nobody = t.app.call(
      getOwnReceipt,
      { id: 'evt_1111111111111111111111' },
      t.app.newContext(ANONYMOUS),
    )
    await expect(nobody).rejects.toMatchObject({ code: 'unauthenticated' })
  })
})

describe('the history of one’s own', () => {
  const tell = <I, R>(operation: Operation<I, R>, input: I, person: Person) =>
    t.app.call(operation, input, t.app.newContext(person))

  test('[ALV-05] tells of a video what happened to it, each event with a receipt, and to nobody else', async () => {
    const id = (await t.app.pool.query('select id from videos where owner_id = $1', [owner.id])).rows[0].id
    const { items } = await tell(getVideoHistory, { id, limit: 50 }, owner)
    expect(items.map(({ action }) => action)).toEqual(['video.rename'])
    expect(items[0]).toMatchObject({ actor: owner.id, proved: true, archived: false })
    expect((await receiptFor(owner, items[0]!.id)).eventId).toBe(items[0]!.id)
    await expect(tell(getVideoHistory, { id, limit: 50 }, stranger)).rejects.toMatchObject({
      code: 'not_found',
    })
  })

  test('[ALV-05] tells of an upload, too', async () => {
    const file = { filename: 'a.mp4', contentType: 'video/mp4', size: 1000 }
    const { id } = await t.app.call(startUpload, file, t.app.newContext(owner))
    const { items } = await tell(getUploadHistory, { id, limit: 50 }, owner)
    expect(items.map(({ action }) => action)).toContain('upload.start')
    await expect(tell(getUploadHistory, { id, limit: 50 }, stranger)).rejects.toMatchObject({
      code: 'not_found',
    })
  })
})

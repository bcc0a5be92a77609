import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { issuePlayback } from '#portal/modules/playback/issue-playback.ts'
import { createShare } from '#portal/modules/sharing/create-share.ts'
import { type Actor, ANONYMOUS } from '#portal/platform/context.ts'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { getVideo } from './get-video.ts'
import { setChapters } from './set-chapters.ts'

let t: TestApp
let agency: Extract<Actor, { kind: 'user' }>
beforeAll(async () => {
  t = await createTestApp()
  agency = await t.person('agency')
})
afterAll(async () => await t?.stop())

const set = (id: string, text: string) => t.app.call(setChapters, { id, text }, t.app.newContext(agency))

describe('the chapters of a video', () => {
  it('are kept, reach viewers with their playback, and leave their number in the log', async () => {
    const id = await t.video(agency)
    const chapters = [
      { at: 0, title: 'Opening' },
      { at: 6, title: 'Jo at the start block' },
    ]
    expect((await set(id, '0:00 Opening\n0:06 Jo at the start block')).chapters).toEqual(chapters)
    const made = await t.app.call(createShare, { videoId: id, access: 'link' }, t.app.newContext(agency))
    if (made.status !== 'active') throw new Error('the share waits for a second person')
    const visitor = t.app.newContext(ANONYMOUS)
    const grant = await t.app.call(issuePlayback, { token: made.token, cookie: null }, visitor)
    expect(grant.chapters).toEqual(chapters)
    const event = (await t.events()).find((e) => e.action === 'video.set-chapters')
    expect(event?.details).toEqual({ chapters: 2 })
    expect(JSON.stringify(event)).not.toContain('Jo at')
    expect((await set(id, '')).chapters).toEqual([])
  })

  it('are refused with the line that is wrong, and stay as they were', async () => {
    const id = await t.video(agency)
    await set(id, '0:00 Opening')
    await expect(set(id, '0:00 Opening\n0:11 After the end')).rejects.toMatchObject({
      code: 'invalid',
      details: { errors: [{ path: 'text', message: 'line 2 begins after the end of the video' }] },
    })
    const video = await t.app.call(getVideo, { id }, t.app.newContext(agency))
    expect(video.chapters).toEqual([{ at: 0, title: 'Opening' }])
  })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createShare } from '#portal/modules/sharing/create-share.ts'
import { listShares } from '#portal/modules/sharing/queries.ts'
import type { Actor } from '#portal/platform/context.ts'
import type { Operation } from '#portal/platform/operation.ts'
import { runJobs } from '../../../../tests/support/run-jobs.ts'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { deleteVideo } from './delete-video.ts'
import { getVideo } from './get-video.ts'
import { listVideos } from './list-videos.ts'
import { renameVideo } from './rename-video.ts'
import { cleanTitle } from './rules.ts'

type Person = Extract<Actor, { kind: 'user' }>

let t: TestApp
let owner: Person
beforeAll(async () => {
  t = await createTestApp()
  owner = await t.person('agency')
})
afterAll(() => t?.stop())

const as = <I, R>(person: Actor, operation: Operation<I, R>, input: unknown) =>
  t.app.call(operation, input, t.app.newContext(person))

describe('videos', () => {
  it('[ASVS-8.4.1] belong to their organisation: everybody in it, and nobody else, finds them', async () => {
    const id = await t.video(owner, 'Ours')
    const colleague: Person = { ...(await t.person('agency')), organisationId: owner.organisationId }
    expect(await as(colleague, getVideo, { id })).toMatchObject({
      title: 'Ours',
      status: 'ready',
      complete: true,
    })
    expect((await as(colleague, listVideos, {})).items.map((video) => video.id)).toContain(id)
    const stranger = await t.person('admin')
    for (const [operation, input] of [
      [getVideo, { id }],
      [renameVideo, { id, title: 'Theirs' }],
      [deleteVideo, { id }],
    ] as [Operation<unknown, unknown>, unknown][]) {
      await expect(as(stranger, operation, input)).rejects.toMatchObject({ code: 'not_found' })
    }
    expect((await as(stranger, listVideos, {})).items).toEqual([])
  })

  it('[PRJ-01] are not for guests', async () => {
    const guest = await t.person('guest')
    await expect(as(guest, listVideos, {})).rejects.toMatchObject({ code: 'forbidden' })
  })

  it('are renamed, and the log says that without saying to what', async () => {
    const id = await t.video(owner, 'Session 14')
    expect(await as(owner, renameVideo, { id, title: '  Anna,\n 100 m ' })).toMatchObject({
      title: 'Anna, 100 m',
    })
    const last = (await t.events()).at(-1)
    expect(last).toMatchObject({ action: 'video.rename', target: { id }, details: { changed: true } })
    expect(JSON.stringify(last)).not.toContain('Anna')
    await expect(as(owner, renameVideo, { id, title: ' \u200b ' })).rejects.toMatchObject({ code: 'invalid' })
  })

  it('[SPS-02] end their links when they are deleted, once, in one transaction', async () => {
    const id = await t.video(owner)
    for (let n = 0; n < 3; n++) await as(owner, createShare, { videoId: id, access: 'link' })
    const answers = await Promise.all(
      [1, 2].map(() => as(owner, deleteVideo, { id }).catch((error: { code: string }) => error.code)),
    )
    expect(answers).toEqual(expect.arrayContaining(['not_found', { id, status: 'deleted', endedShares: 3 }]))
    const shares = await as(owner, listShares, { videoId: id })
    expect(shares.items.map((share) => [share.status, share.revokeReason])).toEqual(
      Array(3).fill(['revoked', 'video_deleted']),
    )
    await expect(as(owner, createShare, { videoId: id, access: 'link' })).rejects.toMatchObject({
      code: 'not_found',
    })
    await runJobs(t)
    expect(t.mux.calls).toContain(`DELETE /video/v1/assets/asset-${id}`)
  })

  it('of another video service are left alone: its IDs mean nothing to this one', async () => {
    const id = await t.video(owner)
    await t.app.pool.query("update videos set provider = 'engine', complete = false where id = $1", [id])
    const calls = t.mux.calls.length
    t.advance(3_600_000)
    await t.app.runScheduledJob('uploads.reconcile')
    await runJobs(t)
    expect(t.mux.calls.length).toBe(calls)
    expect(await as(owner, getVideo, { id })).toMatchObject({ status: 'ready' })
  })
})

describe('titles', () => {
  it.each([
    ['  The   final ', 'The final'],
    ['line\r\nbreak\u2028s', 'line break s'],
    ['pay\u202Eload', 'pay load'],
    ['x'.repeat(400), 'x'.repeat(255)],
    ['🏃🏽‍♀️'.repeat(2), '🏃🏽‍♀️'.repeat(2)],
  ])('%j becomes %j', (title, clean) => {
    expect(cleanTitle(title)).toBe(clean)
  })
})

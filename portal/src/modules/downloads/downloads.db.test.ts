import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { issuePlayback } from '#portal/modules/playback/issue-playback.ts'
import { createShare } from '#portal/modules/sharing/create-share.ts'
import { revokeShare } from '#portal/modules/sharing/revoke-share.ts'
import { verifyViewer } from '#portal/modules/sharing/verify-viewer.ts'
import { type Actor, ANONYMOUS } from '#portal/platform/context.ts'
import { makeClip } from '../../../../tests/support/clips.ts'
import { runJobs } from '../../../../tests/support/run-jobs.ts'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { serveTestApp, type TestHttp } from '../../../../tests/support/test-http.ts'
import { askDownload, getDownload } from './ask-download.ts'
import { untilRevoked } from './open-copy.ts'

const MINUTE = 60_000
type User = Extract<Actor, { kind: 'user' }>
let t: TestApp
let http: TestHttp
let agency: User
let clip: Buffer

beforeAll(async () => {
  clip = await readFile(await makeClip({ seconds: 2, width: 320, height: 180 }))
  t = await createTestApp({ RATE_LIMIT_ENFORCED: 'false' })
  http = await serveTestApp(t)
  agency = await t.person('agency')
})
afterAll(async () => {
  await http?.stop()
  await t?.stop()
})

const visitor = () => t.app.newContext(ANONYMOUS)
const lastEvent = async () => (await t.events()).at(-1)

/** A share whose video the service has as a whole file; `ready`: without having to make it first. */
async function shared(options: Record<string, unknown> = {}, ready = true) {
  const videoId = await t.video(agency)
  const assetId = videoId.replace('vid_', 'asset')
  await t.app.pool.query('update videos set asset_id = $2 where id = $1', [videoId, assetId])
  const resolution = (options.download as string | undefined) ?? 'highest'
  const name = resolution === 'audio-only' ? 'audio.m4a' : `${resolution}.mp4`
  const file = { id: 'one', name, resolution, status: 'ready' }
  const static_renditions = { files: ready ? [file] : [] }
  t.mux.assets.set(assetId, {
    id: assetId,
    status: 'ready',
    upload_id: '',
    playback_ids: [],
    static_renditions,
  })
  t.mux.files.set(`/playback-${videoId}/${name}`, clip)
  const input = { videoId, access: 'link', download: 'highest', ...options }
  const made = await t.app.call(createShare, input, t.app.newContext(agency))
  if (made.status !== 'active') throw new Error('the share waits for a second person')
  return { ...made, videoId, assetId }
}

/** A browser that has begun to watch. */
async function watching(token: string, cookie: string | null = null): Promise<string> {
  const { newCookie } = await t.app.call(issuePlayback, { token, cookie }, visitor())
  return newCookie ?? cookie ?? ''
}
const ask = (token: string, cookie: string | null) => t.app.call(askDownload, { token, cookie }, visitor())
const fetchCopy = (url: string | null, cookie: string, method = 'GET') =>
  http.send(method, url ?? '', { headers: { cookie: `__Host-mm-viewer=${cookie}` } })
const filesOf = (assetId: string) =>
  (t.mux.assets.get(assetId) as unknown as { static_renditions: { files: { status: string }[] } })
    .static_renditions.files
const filesKept = () => t.app.ports.storage.list('downloads/')

describe('[IDN-02] a copy to take away', () => {
  it('is given by a link that works once, in the browser that asked, and spends no view', async () => {
    const { token, id } = await shared()
    const cookie = await watching(token)
    expect(await ask(token, cookie)).toEqual({ status: 'preparing', progress: 0, url: null })
    await runJobs(t)
    expect(await t.app.call(getDownload, { token, cookie }, visitor())).toMatchObject({ status: 'ready' })
    const { url } = await ask(token, cookie)
    expect(await lastEvent()).toMatchObject({
      action: 'share.download',
      reason: 'link_given',
      target: { id },
    })
    expect((await fetchCopy(url, cookie, 'HEAD')).status).toBe(405)
    expect((await fetchCopy(url, 'of another browser')).status).toBe(403)
    const answer = await fetchCopy(url, cookie)
    expect(answer.headers.get('content-disposition')).toContain('filename="Session 14.mp4"')
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(clip)
    expect((await fetchCopy(url, cookie)).status).toBe(403)
    expect((await fetchCopy((await ask(token, cookie)).url, cookie)).status).toBe(200)
    const { rows } = await t.app.pool.query('select views_used from shares where id = $1', [id])
    expect(rows).toEqual([{ views_used: 1 }])
  })

  it('works for a minute, and only the newest link of a copy does', async () => {
    const { token } = await shared()
    const cookie = await watching(token)
    await ask(token, cookie)
    await runJobs(t)
    const [older, newer] = [await ask(token, cookie), await ask(token, cookie)]
    expect((await fetchCopy(older.url, cookie)).status).toBe(403)
    t.advance(MINUTE)
    expect((await fetchCopy(newer.url, cookie)).status).toBe(403)
  })

  it('is for whoever watches a link that allows it, and for nobody else', async () => {
    const closed = await shared({ download: null })
    await expect(ask(closed.token, await watching(closed.token))).rejects.toMatchObject({ code: 'forbidden' })
    expect((await lastEvent())?.reason).toBe('no_download')
    const { token } = await shared()
    await expect(ask(token, null)).rejects.toMatchObject({ code: 'forbidden' })
    expect((await lastEvent())?.reason).toBe('not_watching')
  })

  it('waits for a rendition that the video service must make first, and says where there is none', async () => {
    const { token, assetId } = await shared({ download: '720p' }, false)
    const cookie = await watching(token)
    await ask(token, cookie)
    await runJobs(t)
    expect(t.mux.calls).toContain(`POST /video/v1/assets/${assetId}/static-renditions`)
    expect((await t.app.call(getDownload, { token, cookie }, visitor())).status).toBe('preparing')
    for (const file of filesOf(assetId)) file.status = 'ready'
    await t.app.pool.query('update graphile_worker._private_jobs set run_at = now()')
    await runJobs(t)
    expect((await t.app.call(getDownload, { token, cookie }, visitor())).status).toBe('ready')

    const silent = await shared({ download: 'audio-only' })
    for (const file of filesOf(silent.assetId)) file.status = 'skipped'
    const other = await watching(silent.token)
    await ask(silent.token, other)
    await runJobs(t)
    expect((await t.app.call(getDownload, { token: silent.token, cookie: other }, visitor())).status).toBe(
      'failed',
    )
  })
})

describe('[SPS-02] a copy of a link that is revoked', () => {
  const revoke = (id: string) => t.app.call(revokeShare, { id, reason: 'other' }, t.app.newContext(agency))

  it('is refused, and its file deleted at once', async () => {
    const { token, id } = await shared({ watermark: true })
    const cookie = await watching(token)
    await ask(token, cookie)
    await runJobs(t)
    const { url } = await ask(token, cookie)
    expect(await filesKept()).toHaveLength(1)
    await revoke(id)
    expect((await fetchCopy(url, cookie)).status).toBe(403)
    await runJobs(t)
    expect(await filesKept()).toEqual([])
  })

  it('ends while it is being sent', async () => {
    const { token, id } = await shared()
    const cookie = await watching(token)
    await ask(token, cookie)
    await runJobs(t)
    const { rows } = await t.app.pool.query('select id from downloads where share_id = $1', [id])
    let revoked = false
    let sent = 0
    const source = Readable.from(
      (async function* () {
        for (;;) {
          yield Buffer.alloc(1000)
          sent += 1
          await new Promise((resolve) => setTimeout(resolve, 20))
          if (!revoked && sent > 5) {
            revoked = true
            await revoke(id)
          }
        }
      })(),
    )
    await expect(buffer(untilRevoked(t.app, rows[0].id, source))).rejects.toThrow(/taken back/)
    expect(sent).toBeGreaterThan(5)
  })

  it('is deleted after a day in any case', async () => {
    const { token } = await shared({ watermark: true })
    await ask(token, await watching(token))
    await runJobs(t)
    expect(await filesKept()).toHaveLength(1)
    t.advance(24 * 60 * MINUTE)
    await t.app.runScheduledJob('downloads.sweep')
    await runJobs(t)
    expect(await filesKept()).toEqual([])
  })
})

describe('[IDN-02] a copy of a link with a watermark', () => {
  it('has the address of the viewer and the time drawn into its pictures', async () => {
    const { token } = await shared({ watermark: true, access: 'email' })
    const email = 'jo@example.org'
    const { newCookie } = await t.app.call(verifyViewer, { token, cookie: null, email }, visitor())
    await t.app.pool.query('update viewer_sessions set email_verified_at = $1', [t.app.clock()])
    const cookie = await watching(token, newCookie)
    await ask(token, cookie)
    await runJobs(t)
    const { url } = await ask(token, cookie)
    const copy = Buffer.from(await (await fetchCopy(url, cookie)).arrayBuffer())
    expect(copy.subarray(4, 8).toString()).toBe('ftyp')
    const folder = t.app.settings.DATA_DIR
    await writeFile(join(folder, 'copy.mp4'), copy)
    await writeFile(join(folder, 'source.mp4'), clip)
    // Pictures that were only encoded again differ little anywhere; letters differ much, in a band of the picture.
    expect(await furthestRow(join(folder, 'source.mp4'), join(folder, 'copy.mp4'))).toBeGreaterThan(25)
  })

  it('cannot be sound alone', async () => {
    await expect(shared({ watermark: true, download: 'audio-only' })).rejects.toThrow(/no picture to draw on/)
  })
})

/** Mean difference of luma, 0 to 255, in the row of pixels where the first pictures of two videos differ most. */
async function furthestRow(one: string, other: string): Promise<number> {
  const { execFile } = await import('node:child_process')
  const { promisify } = await import('node:util')
  const luma = async (path: string) => {
    const args = ['-v', 'error', '-i', path, '-frames:v', '1', '-f', 'rawvideo', '-pix_fmt', 'gray', '-']
    const options = { encoding: 'buffer' as const, maxBuffer: 1e7 }
    return (await promisify(execFile)(t.app.settings.FFMPEG_PATH, args, options)).stdout
  }
  const [a, b] = [await luma(one), await luma(other)]
  const width = 320
  const rows = Array.from({ length: a.length / width }, (_, row) => {
    let sum = 0
    for (let x = 0; x < width; x += 1) sum += Math.abs((a[row * width + x] ?? 0) - (b[row * width + x] ?? 0))
    return sum / width
  })
  return Math.max(...rows)
}

import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { playbackSessionId } from '#engine/platform/playback-session-id.ts'
import { openS3Storage } from '#engine/storage/s3.ts'
import { type AccelNginx, startAccelNginx } from '../../../tests/support/accel-nginx.ts'
import type { IngestRun } from '../../../tests/support/ingest-run.ts'
import { AAC, pictures, tone } from '../../../tests/support/media-clips.ts'
import { createPlayableClip, type PlayableClip } from '../../../tests/support/playable-clip.ts'
import { newClaim, type PlaybackNode, type PlaybackStack } from '../../../tests/support/playback-stack.ts'
import { type S3Server, startS3Server } from '../../../tests/support/s3-server.ts'
import type { TestDatabase } from '../../../tests/support/test-postgres.ts'

let playable: PlayableClip
let run: IngestRun
let db: TestDatabase
let stack: PlaybackStack

beforeAll(async () => {
  const inputs = [...pictures('320x180', 5), ...tone(5)]
  playable = await createPlayableClip([...inputs, '-c:v', 'libx264', ...AAC, '-g', '50'], ['first'])
  ;({ run, db, stack } = playable)
}, 90_000)
afterAll(async () => {
  await playable?.remove()
})

const linesOf = (playlist: string) =>
  playlist.split('\n').filter((line) => line !== '' && !line.startsWith('#'))

/** Path and bytes of the first segment of a session, asked for at `origin`. */
async function firstSegment(origin: string, session = newClaim(), playbackId = stack.playbackId) {
  const query = playbackId === stack.playbackId ? `?token=${await stack.token({ session })}` : ''
  const master = await (await fetch(`${origin}/${playbackId}.m3u8${query}`)).text()
  const playlist = `/${linesOf(master)[0]}`
  const [name] = linesOf(await (await fetch(origin + playlist)).text())
  const path = playlist.slice(0, playlist.lastIndexOf('/') + 1) + name
  const [rendition, file] = path.split('/').slice(-2)
  const { folder } = run.renditions.find((one) => one.name === rendition)!
  return { path, session, bytes: (await run.storage.readAll(folder + file))! }
}

async function revoke(session: string): Promise<void> {
  await db.pool.query('update engine.playback_sessions set revoked_at = $2 where id = $1', [
    playbackSessionId(stack.playbackId, session),
    stack.now,
  ])
  await stack.tell(stack.playbackId)
}

const body = async (answer: Response) => Buffer.from(await answer.arrayBuffer())

function hasNginx(): boolean {
  try {
    execFileSync('nginx', ['-v'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

describe.skipIf(!hasNginx())('behind nginx, by X-Accel-Redirect', () => {
  let node: PlaybackNode
  let nginx: AccelNginx
  beforeAll(async () => {
    node = await stack.node({ sentBy: { kind: 'accel', location: '/engine-media/' } })
    nginx = await startAccelNginx(Number(new URL(node.origin).port), run.objects)
  })
  afterAll(async () => {
    await nginx?.stop()
    await node?.stop()
  })

  it('nginx sends the bytes, whole, by range and on condition, with the engine’s headers', async () => {
    const { path, bytes } = await firstSegment(nginx.origin)
    const whole = await fetch(nginx.origin + path)
    expect(await body(whole)).toEqual(bytes)
    expect(whole.headers.get('server')).toContain('nginx')
    expect(whole.headers.get('x-accel-redirect')).toBeNull()
    expect(whole.headers.get('content-type')).toBe('video/mp4')
    expect(whole.headers.get('cache-control')).toBe('private, no-store')
    expect(whole.headers.get('access-control-allow-origin')).toBe('*')
    const part = await fetch(nginx.origin + path, { headers: { range: 'bytes=10-19' } })
    expect([part.status, await body(part)]).toEqual([206, bytes.subarray(10, 20)])
    const two = await fetch(nginx.origin + path, { headers: { range: 'bytes=0-1,4-5' } })
    expect([two.status, (await body(two)).length]).toEqual([200, bytes.length])
    const etag = whole.headers.get('etag')!
    expect((await fetch(nginx.origin + path, { headers: { 'if-none-match': etag } })).status).toBe(304)
    const head = await fetch(nginx.origin + path, { method: 'HEAD' })
    expect(head.headers.get('content-length')).toBe(`${bytes.length}`)
  })

  it('a public video may be kept for good', async () => {
    const { path } = await firstSegment(nginx.origin, undefined, await stack.addPlaybackId('public'))
    const { headers } = await fetch(nginx.origin + path)
    expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
  })

  it('[ASVS-5.3.1] a revoke holds at the next request, and nobody reaches the files themselves', async () => {
    const { path, session } = await firstSegment(nginx.origin)
    expect((await fetch(nginx.origin + path)).status).toBe(200)
    await revoke(session)
    node.delivery.forget(stack.playbackId)
    expect((await fetch(nginx.origin + path)).status).toBe(403)
    const { folder } = run.renditions[0]!
    expect((await fetch(`${nginx.origin}/engine-media/${folder}init.mp4`)).status).toBe(404)
  })
})

describe('by links into the bucket', () => {
  let s3: S3Server
  let node: PlaybackNode
  beforeAll(async () => {
    s3 = await startS3Server()
    const storage = await openS3Storage(s3.settings)
    for (const key of await run.storage.list('')) await storage.put(key, (await run.storage.readAll(key))!)
    node = await stack.node({ storage, sentBy: { kind: 'presigned', seconds: 30 } })
  })
  afterAll(async () => {
    await node?.stop()
    await s3?.stop()
  })

  it('a segment is a redirect that every page may follow, to the bytes, whole and by range', async () => {
    const { path, bytes } = await firstSegment(node.origin)
    const answer = await fetch(node.origin + path, { redirect: 'manual' })
    expect(answer.status).toBe(302)
    expect(answer.headers.get('cache-control')).toBe('private, no-store')
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    const link = new URL(answer.headers.get('location')!)
    expect([link.port, link.searchParams.get('X-Amz-Expires')]).toEqual([`${s3.port}`, '30'])
    expect(await body(await fetch(node.origin + path))).toEqual(bytes)
    const part = await fetch(node.origin + path, { headers: { range: 'bytes=10-19' } })
    expect([part.status, await body(part)]).toEqual([206, bytes.subarray(10, 20)])
    const head = await fetch(node.origin + path, { method: 'HEAD', redirect: 'manual' })
    expect([head.status, head.headers.get('content-length')]).toEqual([200, `${bytes.length}`])
    expect((await fetch(node.origin + path.replace(/\d+\.m4s$/, '999.m4s'))).status).toBe(404)
  })

  it('a revoke holds for the next link', async () => {
    const { path, session } = await firstSegment(node.origin)
    await revoke(session)
    node.delivery.forget(stack.playbackId)
    expect((await fetch(node.origin + path, { redirect: 'manual' })).status).toBe(403)
  })

  it('links last five minutes at most, and disks make none', async () => {
    const storage = await openS3Storage(s3.settings)
    const long = stack.node({ storage, sentBy: { kind: 'presigned', seconds: 301 } })
    await expect(long).rejects.toThrow('300 seconds')
    await expect(stack.node({ sentBy: { kind: 'presigned', seconds: 30 } })).rejects.toThrow('S3')
  })
})

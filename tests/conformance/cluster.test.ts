import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { callApi, sendFile } from '../faults/engine-client.ts'
import { type Cluster, startCluster } from '../faults/engine-cluster.ts'
import { makeClip } from '../support/clips.ts'
import { lastServed } from '../support/last-served.ts'
import { createRandom } from '../support/random.ts'
import { until } from '../support/until.ts'
import { claimsFor, type Key, newSession, sign } from './token-client.ts'
import { askReceived, put, putSlice } from './upload-client.ts'

const run = promisify(execFile)
const random = createRandom(3)
let clip: Buffer
beforeAll(async () => {
  clip = await readFile(await makeClip({ seconds: 8, width: 640, height: 360, videoBitrate: 1_500_000 }))
})

async function newUpload(cluster: Cluster): Promise<{ id: string; path: string }> {
  const { data } = await callApi(cluster, 'POST', '/video/v1/uploads', {
    cors_origin: '*',
    new_asset_settings: { playback_policies: ['signed'] },
  })
  return { id: String(data.id), path: new URL(String(data.url)).pathname }
}

async function assetOf(cluster: Cluster, uploadId: string): Promise<string> {
  const upload = async () => (await callApi(cluster, 'GET', `/video/v1/uploads/${uploadId}`)).data.asset_id
  return String(await until('the asset', upload))
}

const assetNow = async (cluster: Cluster, id: string) =>
  (await callApi(cluster, 'GET', `/video/v1/assets/${id}`)).data

const completed = (cluster: Cluster, id: string) =>
  until(
    'the ladder',
    async () => ((await assetNow(cluster, id)).progress as { state: string }).state === 'completed',
    60_000,
    200,
  )

const health = async (cluster: Cluster, role: 'api' | 'delivery' | 'worker') => {
  const answer = await fetch(`${cluster.nodes(role)[0]!.url}/engine/health`)
  return { status: answer.status, body: await answer.json() }
}

async function upload(cluster: Cluster): Promise<string> {
  const { id, path } = await newUpload(cluster)
  expect(await sendFile(cluster, path, clip, random, () => undefined)).toEqual([])
  return assetOf(cluster, id)
}

/** Opens a session on one delivery process; gives the paths of its first rendition's segments. */
async function openSession(cluster: Cluster, node: number, key: Key, playbackId: string, session: string) {
  const base = cluster.nodes('delivery')[node]!.url
  const token = await sign(key, claimsFor(playbackId, { session }))
  const master = `${base}/${playbackId}.m3u8?token=${token}`
  const first = async (url: string) => {
    const answer = await fetch(url)
    expect(answer.status).toBe(200)
    const lines = (await answer.text()).split('\n').filter((line) => line && !line.startsWith('#'))
    return lines.map((line) => new URL(new URL(line, url).pathname, base).href)
  }
  return first((await first(master))[0]!)
}

describe('two processes of each role over one database and one bucket', () => {
  let cluster: Cluster
  let assetId: string
  beforeAll(async () => {
    cluster = await startCluster('s3', random, { faultRate: 0 })
    assetId = await upload(cluster)
  }, 300_000)
  afterAll(() => cluster?.stop())

  it('[MUX-07] two API processes receive one upload, each going on where the other stopped', async () => {
    const { id, path } = await newUpload(cluster)
    const [one, two] = cluster.nodes('api').map(({ url }) => url + path) as [string, string]
    const step = Math.ceil(clip.length / 7)
    for (let at = 0, n = 0; at < clip.length; n += 1) {
      const [here, there] = n % 2 === 0 ? [one, two] : [two, one]
      const answer = await putSlice(here, clip, at, Math.min(clip.length, at + step))
      at = answer?.status === 200 ? clip.length : (answer?.received ?? 0)
      if (at < clip.length) expect(await askReceived(there, clip.length)).toBe(at)
    }
    const { rows } = await cluster.pool.query('select status from engine.uploads where id = $1', [id])
    expect(rows).toEqual([{ status: 'asset_created' }])
  })

  it('plays from either delivery process, and a revoke on one API process holds on both within a second', async () => {
    await completed(cluster, assetId)
    const key = await callApi(cluster, 'POST', '/system/v1/signing-keys')
    const signing = { id: String(key.data.id), privateKey: String(key.data.private_key) }
    const playbackId = ((await assetNow(cluster, assetId)).playback_ids as { id: string }[])[0]!.id
    const session = newSession()
    const segments = await Promise.all(
      [0, 1].map((node) => openSession(cluster, node, signing, playbackId, session)),
    )
    const statusOf = async ([url]: string[]) => {
      const answer = await fetch(url!)
      await answer.arrayBuffer()
      return answer.status
    }
    expect(await Promise.all(segments.map(statusOf))).toEqual([200, 200])
    await callApi(cluster, 'POST', '/video/v1/playback-sessions/revoke', {
      playback_id: playbackId,
      sessions: [session],
    })
    const revoked = performance.now()
    const served = await Promise.all(segments.map((session) => lastServed(() => statusOf(session))))
    expect(Math.max(...served) - revoked).toBeLessThan(1000)
  })

  it('a killed worker’s encode is taken over within seconds, from the last finished rendition on', async () => {
    const id = await upload(cluster)
    const rows = async () =>
      (
        await cluster.pool.query(
          `select a.ingest_attempt as attempt, a.progress_state as state, (select json_agg(json_build_object('name', name,
             'folder', folder)) from engine.renditions where asset_id = a.id and status = 'ready') as ready
           from engine.assets a where id = $1`,
          [id],
        )
      ).rows[0] as { attempt: string; state: string; ready: { name: string; folder: string }[] | null }
    await until('it plays', async () => (await rows()).state !== 'ingesting', 30_000, 10)
    const before = await rows()
    // Whoever works on it dies.
    await cluster.empty('worker', 'SIGKILL')
    await Promise.all([cluster.start('worker'), cluster.start('worker')])
    // It takes two seconds where nothing else runs; a job that nobody frees would wait for hours.
    if (before.state !== 'completed')
      await until('another attempt', async () => (await rows()).attempt !== before.attempt, 60_000, 50)
    await completed(cluster, id)
    expect((await rows()).ready).toEqual(expect.arrayContaining(before.ready ?? []))
  })

  it('[SPS-09] while the store is down uploads and playback say 503, videos wait, and all go on by themselves', async () => {
    const begun = await newUpload(cluster)
    const url = () => cluster.url('api') + begun.path
    const half = clip.length >> 1
    expect((await putSlice(url(), clip, 0, half))?.received).toBe(half)
    const playbackId = ((await assetNow(cluster, assetId)).playback_ids as { id: string }[])[0]!.id
    await cluster.empty('worker')
    const waiting = await upload(cluster)

    cluster.line!.set({ kind: 'down' })
    await cluster.start('worker')
    const refused = await putSlice(url(), clip, half, clip.length)
    expect(refused).toMatchObject({ status: 503, headers: { 'access-control-allow-origin': '*' } })
    expect(Number(refused!.headers['retry-after'])).toBeGreaterThan(0)
    expect(await health(cluster, 'worker')).toMatchObject({
      status: 503,
      body: {
        status: 'degraded',
        checks: { database: { ok: true }, storage: { ok: false }, uploads: { ok: false } },
      },
    })
    const reason = async () =>
      (await cluster.pool.query('select waiting_for, status from engine.assets where id = $1', [waiting]))
        .rows[0]
    await until('the ingest waits', async () => (await reason()).waiting_for !== null, 30_000, 100)
    expect((await reason()).status).toBe('preparing')
    // A fresh process has nothing in memory.
    await cluster.empty('delivery')
    await cluster.start('delivery')
    const key = await callApi(cluster, 'POST', '/system/v1/signing-keys')
    const signing = { id: String(key.data.id), privateKey: String(key.data.private_key) }
    const [segment] = await openSession(cluster, 0, signing, playbackId, newSession())
    const undelivered = await fetch(segment!)
    expect([undelivered.status, Number(undelivered.headers.get('retry-after'))]).toEqual([503, 2])

    cluster.line!.set({ kind: 'fair' })
    expect(await askReceived(url(), clip.length)).toBeGreaterThanOrEqual(half)
    expect((await putSlice(url(), clip, half, clip.length))?.status).toBe(200)
    expect((await fetch(segment!)).status).toBe(200)
    await completed(cluster, waiting)
    expect(await reason()).toEqual({ waiting_for: null, status: 'ready' })
    await until('health is back', async () => (await health(cluster, 'worker')).status === 200, 30_000, 200)
  })
})

describe('a disk that is full', () => {
  it('[SPS-09] refuses bytes with 503, lets videos wait, and goes on when there is room', async (test) => {
    const mounted = await mountSmallDisk()
    if (!mounted) return test.skip('no file system may be mounted here')
    test.onTestFinished(() => mounted.remove())
    const cluster = await startCluster('disk', random, { faultRate: 0, parent: mounted.folder })
    try {
      await cluster.empty('worker')
      const { id, path } = await newUpload(cluster)
      const url = cluster.url('api') + path
      const free = await mounted.fill(300_000)
      const refused = await put(url, { range: `bytes 0-${clip.length - 1}/${clip.length}`, body: clip })
      expect(refused?.status).toBe(503)
      expect(await health(cluster, 'api')).toMatchObject({ status: 503 })
      const held = await askReceived(url, clip.length)
      await free()
      expect((await putSlice(url, clip, held, clip.length))?.status).toBe(200)

      const assetId = await assetOf(cluster, id)
      const freeAgain = await mounted.fill(100_000)
      await cluster.start('worker')
      const reason = async () =>
        (await cluster.pool.query('select waiting_for, status from engine.assets where id = $1', [assetId]))
          .rows[0]
      await until('the ingest waits', async () => (await reason()).waiting_for !== null, 30_000, 100)
      expect(await reason()).toEqual({ waiting_for: 'ENOSPC', status: 'preparing' })
      await freeAgain()
      await completed(cluster, assetId)
      const { rows } = await cluster.pool.query(
        'select sha256 is not null as whole from engine.uploads where id = $1',
        [id],
      )
      expect(rows).toEqual([{ whole: true }])
    } finally {
      await cluster.stop()
    }
  })
})

/** A file system of 48 MiB in memory; null where this may not be mounted. */
async function mountSmallDisk() {
  const folder = await mkdtemp(join(tmpdir(), 'small-disk-'))
  const mounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=48m', 'tmpfs', folder]).then(
    () => true,
    () => false,
  )
  if (!mounted) {
    await rm(folder, { recursive: true })
    return null
  }
  return {
    folder,
    /** Fills it up to `left` bytes; gives the means to free them again. */
    async fill(left: number) {
      await mkdir(join(folder, 'fill'), { recursive: true })
      const { stdout } = await run('df', ['--output=avail', '-B1', folder])
      const filler = join(folder, 'fill', 'filler')
      await writeFile(filler, Buffer.alloc(Math.max(0, Number(stdout.trim().split('\n')[1]) - left)))
      return () => rm(filler)
    },
    async remove() {
      await run('umount', ['-l', folder])
      await rm(folder, { recursive: true })
    },
  }
}

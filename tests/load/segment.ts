import { fork } from 'node:child_process'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setScene, shareByLink, watchLink } from '../support/ready-video.ts'
import { type Stack, startStack } from '../support/stack.ts'
import { type BenchResult, percentiles } from './bench.ts'
import type { ByteOrder, ByteSlice } from './workers/byte-loop.ts'
import { type Nginx, startNginx } from './workers/nginx.ts'

const CONNECTIONS = 10
const SLICES = 4
const SLICE_MS = 2000
const BAR = 0.8
const LOOP = fileURLToPath(new URL('./workers/byte-loop.ts', import.meta.url))
// Four seconds of it are the 680 kB that the floor was first measured with.
const CLIP = { seconds: 40, width: 1280, height: 720, videoBitrate: 1_360_000 }

/**
 * Segments from a running portal at c=10, each request authorised against its revocable session, beside nginx
 * with secure_link on the same bytes; hot (memory), in alternating slices, and cold (first touch), one by one.
 */
export async function run(): Promise<BenchResult> {
  const stack = await startStack({ env: { LOG_LEVEL: 'error' } })
  const nginx = await startNginx()
  const load = startBytes()
  try {
    const { agency, videoId } = await setScene(stack, CLIP, { complete: true })
    const { token } = await shareByLink(agency, videoId)
    const segments = await topSegments(stack, token)
    const files = await storedFiles(stack, segments.length)
    const cold = await coldTimes(load, stack.port, segments.slice(1))
    const floorCold = nginx ? await coldTimes(load, nginx.port, await offered(nginx, files.slice(1))) : []
    const floorPath = nginx && files[0] ? await nginx.offer(files[0], 'hot.m4s') : null
    const ours: ByteSlice[] = []
    const floor: ByteSlice[] = []
    const slice = (port: number, path: string) =>
      load.run({ port, path, connections: CONNECTIONS, ms: SLICE_MS })
    await slice(stack.port, segments[0]!)
    if (nginx && floorPath) await slice(nginx.port, floorPath)
    for (let n = 0; n < SLICES; n += 1) {
      ours.push(await slice(stack.port, segments[0]!))
      if (nginx && floorPath) floor.push(await slice(nginx.port, floorPath))
    }
    return judge(ours, floor, {
      'segment, bytes': (await stat(files[0]!)).size,
      'cold, ms, ours': mean(cold),
      'cold, ms, floor': floorCold.length > 0 ? mean(floorCold) : 'nginx is not installed',
      floor: nginx?.version ?? 'nginx is not installed',
      'bounded by': 'one JavaScript thread beside the client on the same cores',
    })
  } finally {
    load.stop()
    await nginx?.stop()
    await stack.stop()
  }
}

function judge(ours: ByteSlice[], floor: ByteSlice[], notes: BenchResult['notes']): BenchResult {
  const refused = [...ours, ...floor].reduce((sum, slice) => sum + slice.refused, 0)
  if (refused > 0) throw new Error(`${refused} requests were refused`)
  const rate = (slices: ByteSlice[]) =>
    slices.reduce((sum, slice) => sum + slice.durationsMs.length, 0) /
    (slices.reduce((sum, slice) => sum + slice.elapsedMs, 0) / 1000)
  const ratio = floor.length > 0 ? rate(ours) / rate(floor) : null
  return {
    ours: rate(ours),
    floor: floor.length > 0 ? rate(floor) : null,
    ratio,
    ...percentiles(ours.flatMap((slice) => slice.durationsMs)),
    unit: `segments/s, hot, c=${CONNECTIONS}`,
    bar: `at least ${BAR} of nginx with secure_link`,
    holds: ratio !== null && ratio >= BAR,
    notes,
  }
}

/** Paths of all segments of the tallest rendition, as a viewer gets them. */
async function topSegments(stack: Stack, token: string): Promise<string[]> {
  const viewer = await watchLink(stack.url, token)
  const { playbackUrl } = await viewer.call<{ playbackUrl: string }>('POST', `/api/share/${token}`)
  const master = new URL(playbackUrl, stack.url)
  const variants = [...(await text(master)).matchAll(/RESOLUTION=(\d+)x.*\n(.+)/g)]
  const top = variants.toSorted((a, b) => Number(b[1]) - Number(a[1]))[0]?.[2]
  if (!top) throw new Error('a master playlist without variants')
  const playlist = new URL(top, master)
  const uris = (await text(playlist)).split('\n').filter((line) => line && !line.startsWith('#'))
  return uris.map((uri) => new URL(uri, playlist).pathname)
}

async function text(url: URL): Promise<string> {
  const answer = await fetch(url)
  if (answer.status !== 200) throw new Error(`${url.pathname.slice(0, 20)}… answered ${answer.status}`)
  return await answer.text()
}

/** The same segments on disk: the folder with so many segments that holds most bytes. */
async function storedFiles(stack: Stack, count: number): Promise<string[]> {
  const root = join(stack.dataDir, 'media', 'objects')
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  const folders = new Map<string, string[]>()
  for (const entry of entries) {
    if (!entry.name.endsWith('.m4s')) continue
    folders.set(entry.parentPath, [
      ...(folders.get(entry.parentPath) ?? []),
      join(entry.parentPath, entry.name),
    ])
  }
  const sized = await Promise.all(
    [...folders.values()]
      .filter((files) => files.length === count)
      .map(async (files) => ({ files, bytes: (await stat(files[0]!)).size })),
  )
  const largest = sized.toSorted((a, b) => b.bytes - a.bytes)[0]
  if (!largest) throw new Error('the segments were not found on disk')
  return largest.files.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))
}

const offered = (nginx: Nginx, files: string[]) =>
  Promise.all(files.map((file, index) => nginx.offer(file, `cold${index}.m4s`)))

/** Milliseconds of the first request for each path, one after the other. */
async function coldTimes(load: Load, port: number, paths: string[]): Promise<number[]> {
  const times: number[] = []
  for (const path of paths)
    times.push((await load.run({ port, path, connections: 1, ms: 0 })).durationsMs[0]!)
  return times
}

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

type Load = ReturnType<typeof startBytes>

function startBytes() {
  const child = fork(LOOP, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  let fail = (_: Error) => {}
  child.once('exit', (code) => fail(new Error(`the client ended with ${code}`)))
  return {
    run: (order: ByteOrder) =>
      new Promise<ByteSlice>((resolve, reject) => {
        fail = reject
        child.once('message', (slice: ByteSlice) => resolve(slice))
        child.send(order)
      }),
    stop: () => void child.kill(),
  }
}

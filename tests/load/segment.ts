import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type EngineFleet, type EngineNode, startFleet } from '../support/engine-fleet.ts'
import { type EngineVideo, uploadClip } from '../support/engine-video.ts'
import { type BenchResult, percentile, percentiles } from './bench.ts'
import { type ByteClient, startByteClient } from './workers/byte-client.ts'
import type { ByteSlice } from './workers/byte-loop.ts'
import { type Nginx, startNginx } from './workers/nginx.ts'
import { gaugeOf, watchMemory } from './workers/process-gauge.ts'

const CONNECTIONS = 10
const ROUNDS = 11
const SLICE_MS = 700
const BAR = 0.8
// Four seconds of it are about the 680 kB that the floor was first measured with.
const CLIP = { seconds: 60, width: 1280, height: 720, videoBitrate: 1_360_000 }

type Side = { name: string; port: number; path: string; slices: ByteSlice[] }

/**
 * Segments from the engine at c=10, each request authorised against its revocable session, beside nginx with
 * secure_link on the same bytes. Hot in short alternating slices, of which each round gives one ratio; cold, one by
 * one, read from a disk whose cache was emptied. As many processes answer as nginx has workers; one alone as well.
 */
export async function run(): Promise<BenchResult> {
  const fleet = await startFleet()
  const nginx = await startNginx()
  const client = startByteClient()
  try {
    const workers = availableParallelism()
    const video = await uploadClip(fleet.mux, CLIP)
    const many = await fleet.start({ ENGINE_ROLES: 'delivery', ENGINE_PROCESSES: String(workers) })
    const one = await fleet.start({ ENGINE_ROLES: 'delivery' })
    const paths = (await video.parts(one.url)).slice(1)
    const files = await storedFiles(fleet, video, paths)
    const coldNotes = await measureCold(client, one, nginx, paths, files)

    const sides: Side[] = [
      { name: 'many', port: many.port, path: paths[0]!, slices: [] },
      { name: 'one', port: one.port, path: paths[0]!, slices: [] },
    ]
    if (nginx)
      sides.push({
        name: 'nginx',
        port: nginx.port,
        path: await nginx.offer(files[0]!, 'hot.m4s'),
        slices: [],
      })
    await play(client, sides, 1)
    for (const side of sides) side.slices = []
    const [before, memory] = [gaugeOf(many.pid), watchMemory(many.pid)]
    await play(client, sides, ROUNDS)
    const peak = memory.stop()
    await client.idle()
    const after = gaugeOf(many.pid)
    return judge(sides, {
      'processes, ours and nginx': `${workers} and ${workers}, one client process on the same cores`,
      'segment, bytes': (await stat(files[0]!)).size,
      ...coldNotes,
      'memory before, MB': before.rssBytes / 1e6,
      'memory peak, MB': peak / 1e6,
      'memory after, MB': after.rssBytes / 1e6,
      'file handles before': before.openFiles,
      'file handles after': after.openFiles,
      floor: nginx?.version ?? 'nginx is not installed',
      'bounded by': 'copying bytes into the loopback device; a JavaScript thread per process',
    })
  } finally {
    client.stop()
    await nginx?.stop()
    await fleet.stop()
  }
}

/** Rounds of one slice each, in an order that turns, so that a neighbour's load falls on all alike. */
async function play(client: ByteClient, sides: Side[], rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < sides.length; turn += 1) {
      const side = sides[(round + turn) % sides.length]!
      const { port, path } = side
      side.slices.push(await client.run({ port, path, connections: CONNECTIONS, ms: SLICE_MS }))
    }
  }
}

const rate = (slice: ByteSlice) => slice.durationsMs.length / (slice.elapsedMs / 1000)

function judge(sides: Side[], notes: BenchResult['notes']): BenchResult {
  const of = (name: string) => sides.find((side) => side.name === name)?.slices ?? []
  const refused = sides.flatMap((side) => side.slices).reduce((sum, slice) => sum + slice.refused, 0)
  if (refused > 0) throw new Error(`${refused} requests were refused`)
  const floor = of('nginx')
  const ratioOf = (slices: ByteSlice[]) =>
    floor.length > 0
      ? percentile(
          slices.map((slice, n) => rate(slice) / rate(floor[n]!)),
          50,
        )
      : null
  const ratio = ratioOf(of('many'))
  return {
    ours: percentile(of('many').map(rate), 50),
    floor: floor.length > 0 ? percentile(floor.map(rate), 50) : null,
    ratio,
    ...percentiles(of('many').flatMap((slice) => slice.durationsMs)),
    unit: `segments/s, hot, c=${CONNECTIONS}, median of ${ROUNDS} rounds`,
    bar: `at least ${BAR} of nginx with secure_link`,
    holds: ratio !== null && ratio >= BAR,
    notes: {
      'one process alone, segments/s': percentile(of('one').map(rate), 50),
      'one process alone, ratio': ratioOf(of('one')) ?? 'nginx is not installed',
      ...notes,
    },
  }
}

/** Milliseconds of the first request for each segment, whose file the system no longer remembers. */
async function measureCold(
  client: ByteClient,
  node: EngineNode,
  nginx: Nginx | null,
  paths: string[],
  files: string[],
) {
  const copies = nginx ? await Promise.all(files.map((file, n) => nginx.offer(file, `cold${n}.m4s`))) : []
  await forget([...files, ...copies.map((path) => join(nginx!.folder, path.slice(1).split('?', 1)[0]!))])
  const [ours, floor]: number[][] = [[], []]
  for (const [n, path] of paths.entries()) {
    ours!.push(await client.once(node.port, path))
    if (nginx) floor!.push(await client.once(nginx.port, copies[n]!))
  }
  const figures = (name: string, times: number[]) =>
    times.length > 0
      ? { [`cold p50, ms, ${name}`]: percentile(times, 50), [`cold p95, ms, ${name}`]: percentile(times, 95) }
      : {}
  return { ...figures('ours', ours!), ...figures('floor', floor!) }
}

/** Empties the system's cache of these files: coreutils' own way to ask for it. */
async function forget(files: string[]): Promise<void> {
  for (const file of files)
    await promisify(execFile)('dd', [`of=${file}`, 'oflag=nocache', 'conv=notrunc,fdatasync', 'count=0'])
}

/** The same segments on disk, in the same order. */
async function storedFiles(
  { folder, pool }: EngineFleet,
  { assetId }: EngineVideo,
  paths: string[],
): Promise<string[]> {
  const name = paths[0]!.split('/').at(-2)
  const { rows } = await pool.query<{ folder: string }>(
    'select folder from engine.renditions where asset_id = $1 and name = $2',
    [assetId, name],
  )
  return paths.map((path) => join(folder, 'objects', rows[0]!.folder, path.split('/').at(-1)!))
}

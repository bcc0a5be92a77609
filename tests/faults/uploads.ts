import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { gaugeOf, watchMemory } from '../load/workers/process-gauge.ts'
import { launchBrowser } from '../support/browser.ts'
import { type CuttingRelay, startCuttingRelay } from '../support/cutting-relay.ts'
import { type EngineFleet, startFleet } from '../support/engine-fleet.ts'
import { createRandom, type Random } from '../support/random.ts'
import { startRefusingProxy } from '../support/refusing-proxy.ts'
import { until } from '../support/until.ts'
import { fileOf, openUploadPage, type UploaderKind, type UploadPage } from '../support/upload-page.ts'
import type { Counts } from './count.ts'

const AT_ONCE = 4
const FILE_BYTES = 3 * 1024 * 1024
/** Cuts fall within so many bytes of a connection: a little more than UpChunk's smallest chunk. */
const CUT_WITHIN = 320 * 1024
const STOCK_FILES = 4
/** Small ones: stock UpChunk waits a second after each refusal. */
const STOCK_BYTES = 1024 * 1024
const FILE_MS = 120_000
/** A line that no file gets through is not worth more tries. */
const MOST_STUCK = 5

export type UploadFaults = Counts & {
  runs: number
  seed: number
  moments: string[]
  disconnections: number
  memoryMb: { before: number; peak: number; after: number }
  ok: boolean
}

type Sent = { id: string; kind: UploaderKind; said: string; sha256: string; bytes: number }
type Scene = { fleet: EngineFleet; page: UploadPage; random: Random; sent: Sent[]; stuck: string[] }

/**
 * Uploads from a browser over a line that ends `runs` connections at random bytes, for UpChunk 3.5.0 as npm has it
 * and for the portal's uploader alike; then UpChunk's stock settings behind a proxy that fails. Each file must have
 * arrived byte for byte, as one asset.
 */
export async function runUploadFaults(options: {
  runs: number
  seed: number
  say: (line: string) => void
}): Promise<UploadFaults> {
  const random = createRandom(options.seed)
  const fleet = await startFleet()
  const browser = await launchBrowser()
  const page = await openUploadPage(browser)
  const scene: Scene = { fleet, page, random, sent: [], stuck: [] }
  const relay = await startCuttingRelay(fleet.first.port, CUT_WITHIN, random)
  const before = gaugeOf(fleet.first.pid).rssBytes
  const memory = watchMemory(fleet.first.pid)
  try {
    for (const kind of ['upchunk', 'own'] as const) {
      relay.cutMore(options.runs)
      await sendWhileCut(scene, relay, kind)
      options.say(
        `${kind}: ${scene.sent.filter((one) => one.kind === kind).length} files, ${relay.cuts()} cuts so far`,
      )
    }
    const refusals = await sendStock(scene)
    const after = gaugeOf(fleet.first.pid).rssBytes
    const mb = (bytes: number) => Math.round(bytes / 1e6)
    const counts = await count(scene)
    const faults = counts.lost + counts.doubled + counts.stuck + counts.orphans
    return {
      ...counts,
      checked: { ...counts.checked, 'answers refused': refusals },
      runs: options.runs,
      seed: options.seed,
      moments: [`${relay.cuts()} connections at a random byte`],
      disconnections: relay.cuts(),
      memoryMb: { before: mb(before), peak: mb(memory.stop()), after: mb(after) },
      ok: faults === 0 && relay.cuts() >= 2 * options.runs,
    }
  } finally {
    memory.stop()
    await relay.stop()
    await page.close()
    await browser.close()
    await fleet.stop()
  }
}

async function sendWhileCut(scene: Scene, relay: CuttingRelay, kind: UploaderKind): Promise<void> {
  const line = async () => {
    do await sendOne(scene, kind, relay.port)
    while (!relay.done() && scene.stuck.length < MOST_STUCK)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, line))
}

async function sendStock(scene: Scene): Promise<number> {
  const proxy = await startRefusingProxy(scene.fleet.first.port, scene.random)
  try {
    await Promise.all(Array.from({ length: STOCK_FILES }, () => sendOne(scene, 'upchunk-stock', proxy.port)))
    return proxy.refusals()
  } finally {
    await proxy.stop()
  }
}

async function sendOne(
  { fleet, page, random, sent, stuck }: Scene,
  kind: UploaderKind,
  port: number,
): Promise<void> {
  const upload = await fleet.mux.video.uploads.create({ cors_origin: '*', new_asset_settings: {} })
  const url = new URL(upload.url ?? '')
  url.port = `${port}`
  const most = kind === 'upchunk-stock' ? STOCK_BYTES : FILE_BYTES
  const file = { seed: random.below(2 ** 31), bytes: most / 2 + random.below(most) }
  const late = new Promise<string>((resolve) => {
    setTimeout(() => resolve('nothing'), FILE_MS).unref()
  })
  const said = await Promise.race([page.send(kind, url.href, file), late])
  if (said !== 'success') stuck.push(`${kind}: ${upload.id} ended with ${said}`)
  const sha256 = createHash('sha256').update(fileOf(file)).digest('hex')
  sent.push({ id: upload.id, kind, said, sha256, bytes: file.bytes })
}

async function count({ fleet, sent, stuck }: Scene): Promise<Counts> {
  const findings = [...stuck]
  let lost = 0
  for (const { id, kind, sha256, bytes, said } of sent) {
    if (said !== 'success') continue
    const { rows } = await fleet.pool.query<{ sum: string | null; received_bytes: number; status: string }>(
      `select encode(coalesce(u.sha256, a.source_sha256), 'hex') as sum, u.received_bytes, u.status
       from engine.uploads u left join engine.assets a on a.upload_id = u.id where u.id = $1`,
      [id],
    )
    const row = rows[0]
    if (row?.status === 'asset_created' && row.sum === sha256 && row.received_bytes === bytes) continue
    lost += 1
    findings.push(`${kind}: ${id} is ${row?.status}, ${row?.received_bytes} of ${bytes} bytes, ${row?.sum}`)
  }
  const { rows: twice } = await fleet.pool.query(
    'select upload_id from engine.assets group by upload_id having count(*) > 1',
  )
  const orphans = await leftOver(fleet)
  findings.push(...twice.map(({ upload_id }) => `${upload_id} became two assets`), ...orphans)
  return {
    lost,
    doubled: twice.length,
    stuck: stuck.length,
    orphans: orphans.length,
    checked: { files: sent.length, bytes: sent.reduce((sum, { bytes }) => sum + bytes, 0) },
    findings,
  }
}

/** Deletes every asset, and tells which bytes stay. */
async function leftOver({ mux, folder, pool }: EngineFleet): Promise<string[]> {
  for await (const asset of mux.video.assets.list({ limit: 100 })) await mux.video.assets.delete(asset.id)
  await until(
    'deleted bytes are gone',
    async () => {
      const { rows } = await pool.query('select from engine.assets where bytes_removed_at is null limit 1')
      return rows.length === 0
    },
    120_000,
    250,
  ).catch(() => undefined)
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('/usage'))
    .map((entry) => `left behind: ${join(entry.parentPath, entry.name)}`)
}

import { type FullAsset, findAsset, type StaticRenditionRow } from '#engine/assets/asset-record.ts'
import { finishedRenditions } from '#engine/assets/ingest-reports.ts'
import { runSideWork, type SideParts, type SideWork } from '#engine/assets/side-work.ts'
import { assembleMp4 } from '#engine/media/assemble-mp4.ts'
import { encodeMp4 } from '#engine/media/encode-mp4.ts'
import { inTransaction } from '#engine/platform/db.ts'
import { type Choice, chooseTracks } from './choose-tracks.ts'
import { isLegacy } from './file-names.ts'
import {
  type Outcome,
  queueStaticRendition,
  settleStaticRendition,
  shownSize,
  staticPrefix,
} from './static-rendition-rows.ts'

type Place = Parameters<SideWork['run']>[0]
type Made = { path: string; bytes: number; width: number | null; height: number | null; seconds: number }

const HOUR_MS = 3600_000

/** Job: one file for downloads, put together from the ladder where a rung fits, else encoded. */
export async function makeStaticRendition(parts: SideParts, id: string): Promise<void> {
  const { ctx } = parts
  const { rows } = await ctx.pool.query<StaticRenditionRow>(
    `select * from engine.static_renditions where id = $1 and status = 'preparing'`,
    [id],
  )
  const row = rows[0]
  const asset = row && (await findAsset(ctx.pool, row.asset_id))
  // Before the ladder stands it is not known what there is to take; then it is queued again.
  if (!row || asset?.status !== 'ready' || !asset.completed_at) return
  await runSideWork(parts, {
    assetId: asset.id,
    name: `static-${id}`,
    deadlineMs: HOUR_MS + (asset.duration_seconds ?? 0) * 60_000,
    run: (place) => make(parts, asset, row, place),
    queue: (db, runAt) => queueStaticRendition(db, id, runAt),
    countFailure: async () => {
      const counted = await ctx.pool.query<{ failures: number }>(
        'update engine.static_renditions set failures = failures + 1 where id = $1 returning failures',
        [id],
      )
      return counted.rows[0]?.failures ?? 0
    },
    fail: async (error) => void (await settle(parts, id, { status: 'errored', error })),
  })
}

async function make(
  parts: SideParts,
  asset: FullAsset,
  row: StaticRenditionRow,
  place: Place,
): Promise<void> {
  const { ctx, storage } = parts
  // What an earlier attempt left.
  await storage.deletePrefix(staticPrefix(row))
  const renditions = await finishedRenditions(ctx.pool, asset.id)
  const maxLines = Number.parseInt(asset.settings.max_resolution_tier, 10)
  const choice = chooseTracks(row.resolution, renditions, shownSize(asset), maxLines)
  if (choice.kind === 'skip') {
    const status = isLegacy(row.resolution) ? 'errored' : 'skipped'
    await settle(parts, row.id, { status, error: { type: 'invalid_input', message: choice.reason } })
    return
  }
  const made = await makeFile(parts, asset, choice, place)
  const key = `${staticPrefix(row)}${place.attempt}/${row.name}`
  await storage.put(key, { path: made.path })
  const bitRate = (made.bytes * 8) / Math.max(made.seconds, 0.001)
  const kept = await settle(parts, row.id, { status: 'ready', key, bitRate, ...made })
  if (!kept) await storage.deletePrefix(staticPrefix(row))
}

async function makeFile(
  parts: SideParts,
  asset: FullAsset,
  choice: Exclude<Choice, { kind: 'skip' }>,
  { workFolder, signal }: Place,
): Promise<Made> {
  const { ctx, storage } = parts
  const seconds = asset.duration_seconds ?? 0
  const run = {
    ffmpegPath: ctx.settings.ffmpegPath,
    storage,
    workFolder,
    signal,
    deadlineMs: HOUR_MS + seconds * 60_000,
  }
  if (choice.kind === 'encode') {
    if (!asset.source_key || !asset.media) throw new Error(`asset ${asset.id} has no source`)
    const source = await parts.sources.open(asset.source_key, workFolder, signal, asset.source_sha256)
    try {
      const file = await encodeMp4({ ...run, sourcePath: source.path }, asset.media, choice)
      return { ...file, width: choice.width, height: choice.height, seconds }
    } finally {
      await source.release()
    }
  }
  const all = await finishedRenditions(ctx.pool, asset.id)
  const tracks = choice.names.map((name) => all.find((each) => each.name === name)!)
  const picture = tracks.find(({ kind }) => kind === 'video')
  const file = await assembleMp4(run, tracks)
  return { ...file, width: picture?.width ?? null, height: picture?.height ?? null, seconds }
}

const settle = ({ ctx }: SideParts, id: string, outcome: Outcome) =>
  inTransaction(ctx.pool, (tx) => settleStaticRendition(tx, ctx, id, outcome))

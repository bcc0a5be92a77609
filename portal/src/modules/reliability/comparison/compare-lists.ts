import { isRefusalOfOne, type ListedAsset, type ListedUpload } from '#portal/adapters/video/port.ts'
import { type Compared, listCompared, listExpected } from '#portal/modules/uploads/list-compared.ts'
import { listKnownEvents } from '#portal/modules/webhooks/list-known-events.ts'
import type { App } from '#portal/platform/app.ts'
import type { Context } from '#portal/platform/context.ts'
import type { Tx } from '#portal/platform/db.ts'
import type { ReconciliationRow } from '../tables.ts'
import { compareAsset, type Difference, isStranger, OUR_UPLOAD } from './compare-asset.ts'
import { compareUpload } from './compare-upload.ts'
import { keepDifferences, keepTracks, listKnownTracks } from './store-finding.ts'
import { markSeen, unseenIn, writeStep } from './store-reconciliation.ts'

const PAGE = 100
const ASKED_AT_ONCE = 4

/** What a step leaves in the run's row. */
type Step = Partial<ReconciliationRow>

/** One page of the service's uploads. */
export async function compareUploadPage(app: App, ctx: Context, run: ReconciliationRow): Promise<void> {
  const page = Number(run.place ?? 1)
  const listed = await app.ports.video.listUploads(page, PAGE)
  await keep(app, ctx, run, async (tx) => {
    const byUpload = await listCompared(tx, {
      uploadIds: listed.flatMap(({ passthrough }) => ourUpload(passthrough)),
      providerUploadIds: listed.map(({ id }) => id),
      assetIds: [],
    })
    const differences = listed.flatMap((upload) => compareUpload(upload, ofUpload(byUpload, upload)))
    await markSeen(
      tx,
      run.id,
      listed.map(({ id }) => id),
    )
    const next: Step = listed.length === 0 ? { stage: 'assets', place: null } : { place: `${page + 1}` }
    return { differences, step: { ...next, uploads: run.uploads + listed.length } }
  })
}

/** One page of the service's assets. */
export async function compareAssetPage(app: App, ctx: Context, run: ReconciliationRow): Promise<void> {
  const { assets, next } = await app.ports.video.listAssets(run.place, PAGE)
  await keep(app, ctx, run, async (tx) => {
    const known = await listCompared(tx, {
      uploadIds: assets.flatMap(({ passthrough }) => ourUpload(passthrough)),
      providerUploadIds: assets.flatMap(({ uploadId }) => uploadId ?? []),
      assetIds: assets.map(({ id }) => id),
    })
    const pairs = assets.map((asset) => ({ asset, known: ofAsset(known, asset) }))
    const ours = pairs.filter((pair) => !isStranger(pair.asset, pair.known))
    const names = ours.flatMap(({ asset, known: mine }) => [asset.id, mine?.providerUploadId ?? []].flat())
    const events = await listKnownEvents(tx, names)
    const tracks = await listKnownTracks(
      tx,
      ours.map(({ asset }) => asset.id),
    )
    const differences = ours.flatMap(({ asset, known: mine }) =>
      compareAsset(asset, { known: mine, events, tracks: tracks.get(asset.id) ?? [], now: ctx.now }),
    )
    const fresh = ours.filter(
      ({ asset, known: mine }) => mine && (mine.assetId ?? asset.id) === asset.id && !tracks.has(asset.id),
    )
    await keepTracks(
      tx,
      fresh.map(({ asset }) => asset),
      ctx.now,
    )
    await markSeen(tx, run.id, names)
    const step: Step = next ? { place: next } : { stage: 'videos', place: null }
    return {
      differences,
      step: {
        ...step,
        assets: run.assets + assets.length,
        strangers: run.strangers + assets.length - ours.length,
      },
    }
  })
}

/** Some of the videos and uploads here that no list has had: each is asked after by its name. */
export async function compareExpected(app: App, ctx: Context, run: ReconciliationRow): Promise<void> {
  const expected = await app.db.transaction((tx) =>
    listExpected(tx, {
      ...{ provider: run.provider, before: run.startedAt, after: run.place, limit: PAGE },
      unseen: unseenIn(run.id),
    }),
  )
  const waiting = [...expected]
  const differences: Difference[] = []
  const work = async () => {
    for (let one = waiting.shift(); one; one = waiting.shift()) {
      const is = await askAfter(app, one)
      if (is !== 'there') differences.push(is === 'gone' ? goneOf(one) : refusedOf(one))
    }
  }
  await Promise.all(Array.from({ length: ASKED_AT_ONCE }, work))
  const last = expected.at(-1)
  await keep(app, ctx, run, async () => ({
    differences,
    step: {
      ...(expected.length === PAGE && last ? { place: last.uploadId } : { stage: 'repair', place: null }),
      videos: run.videos + expected.length,
    },
  }))
}

/** One that the service refuses to tell of is not concluded to be gone, and keeps nothing else from being compared. */
async function askAfter(
  app: App,
  { assetId, providerUploadId }: Compared,
): Promise<'there' | 'gone' | 'refused'> {
  const { video } = app.ports
  try {
    if (assetId) return (await video.getAsset(assetId)) ? 'there' : 'gone'
    return providerUploadId !== null && (await video.getUpload(providerUploadId)) ? 'there' : 'gone'
  } catch (error) {
    if (isRefusalOfOne(error)) return 'refused'
    throw error
  }
}

const goneOf = (known: Compared) => unlisted(known, known.assetId ? 'asset_gone' : 'upload_gone')
const refusedOf = (known: Compared) => unlisted(known, 'object_refused')

function unlisted(known: Compared, kind: 'asset_gone' | 'upload_gone' | 'object_refused'): Difference {
  const { uploadId, videoId, assetId, providerUploadId, videoStatus } = known
  const object = assetId
    ? { objectType: 'asset' as const, objectId: assetId }
    : { objectType: 'upload' as const, objectId: providerUploadId ?? '' }
  return { kind, ...object, uploadId, videoId, detail: { here: videoStatus } }
}

const ourUpload = (passthrough: string | null) =>
  passthrough && OUR_UPLOAD.test(passthrough) ? [passthrough] : []

function ofUpload(known: Compared[], upload: ListedUpload): Compared | null {
  const byName = known.find(({ providerUploadId }) => providerUploadId === upload.id)
  return byName ?? known.find(({ uploadId }) => uploadId === upload.passthrough) ?? null
}

function ofAsset(known: Compared[], asset: ListedAsset): Compared | null {
  return (
    known.find(({ assetId }) => assetId === asset.id) ??
    known.find(({ providerUploadId }) => asset.uploadId !== null && providerUploadId === asset.uploadId) ??
    known.find(({ uploadId }) => uploadId === asset.passthrough) ??
    null
  )
}

/** Differences and the run's next place in one transaction; nothing where another process took the run over. */
async function keep(
  app: App,
  ctx: Context,
  run: ReconciliationRow,
  work: (tx: Tx) => Promise<{ differences: Difference[]; step: Step }>,
): Promise<void> {
  await app.db.transaction(async (tx) => {
    const { differences, step } = await work(tx)
    const written = await writeStep(tx, run, { ...step, claimedUntil: null, updatedAt: ctx.now })
    if (written) await keepDifferences(tx, ctx, run, differences)
  })
}

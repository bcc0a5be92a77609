import type pg from 'pg'
import type { ListedObject, StoragePort } from '#engine/storage/port.ts'
import type { Sources } from '#engine/storage/sources.ts'
import { filesOfAssets, type KnownAsset, knownSources, unseenAssets } from './known-files.ts'

/** What was found to differ between the database and the places where bytes are kept. */
export type StorageReport = {
  objects: number
  bytes: number
  /** Stored, and no row knows of it. */
  orphans: { key: string; bytes: number }[]
  /** A row says that it is there, but it is not, or it has another length. */
  missing: { assetId: string; key: string }[]
}

type Parts = { pool: pg.Pool; storage: StoragePort; sources: Sources }
type Options = {
  /** What is younger may be just being made; it is never called an orphan. */
  graceMs: number
  /** Removes the orphans. */
  remove?: boolean
}

const BATCH = 100

/** Compares every stored object and source with the rows of the database; several assets are held at a time. */
export async function verifyStorage(parts: Parts, options: Options): Promise<StorageReport> {
  const report: StorageReport = { objects: 0, bytes: 0, orphans: [], missing: [] }
  const before = new Date(Date.now() - options.graceMs)
  const seen = new Set<string>()
  for await (const batch of inBatches(groups(parts.storage.walk('assets/')))) {
    const known = await filesOfAssets(
      parts.pool,
      batch.map(({ id }) => id),
    )
    for (const { id, objects } of batch) {
      seen.add(id)
      judge(report, known.get(id), id, objects, before)
    }
  }
  for await (const known of unseenAssets(parts.pool, seen)) {
    for (const key of known.files.keys()) report.missing.push({ assetId: known.id, key })
  }
  await verifySources(parts, report, before)
  if (options.remove) await removeOrphans(parts, report)
  return report
}

type Group = { id: string; objects: ListedObject[] }

/** Objects come sorted, so those of one asset follow each other. */
async function* groups(objects: AsyncIterable<ListedObject>): AsyncIterable<Group> {
  let group: Group = { id: '', objects: [] }
  for await (const object of objects) {
    const id = object.key.split('/')[1] ?? ''
    if (group.id !== id) {
      if (group.objects.length > 0) yield group
      group = { id, objects: [] }
    }
    group.objects.push(object)
  }
  if (group.objects.length > 0) yield group
}

async function* inBatches<T>(items: AsyncIterable<T>): AsyncIterable<T[]> {
  let batch: T[] = []
  for await (const item of items) {
    batch.push(item)
    if (batch.length < BATCH) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

function judge(
  report: StorageReport,
  known: KnownAsset | undefined,
  assetId: string,
  objects: ListedObject[],
  before: Date,
): void {
  const found = new Map(objects.map((object) => [object.key, object.bytes]))
  for (const { key, bytes, at } of objects) {
    report.objects += 1
    report.bytes += bytes
    const expected = known?.files.has(key) || known?.folders.some((folder) => key.startsWith(folder))
    if (!expected && at < before) report.orphans.push({ key, bytes })
  }
  for (const [key, bytes] of known?.files ?? []) {
    const there = found.get(key)
    if (there === undefined || (bytes !== null && there !== bytes)) report.missing.push({ assetId, key })
  }
}

async function verifySources(parts: Parts, report: StorageReport, before: Date): Promise<void> {
  const there = new Set<string>()
  for await (const batch of inBatches(parts.sources.walk())) {
    const nameOf = (key: string) => key.split('/').slice(0, 2).join('/')
    const known = await knownSources(
      parts.pool,
      batch.map(({ key }) => nameOf(key)),
    )
    for (const { key, bytes, at } of batch) {
      there.add(nameOf(key))
      report.objects += 1
      report.bytes += bytes
      if (!known.has(nameOf(key)) && at < before) report.orphans.push({ key, bytes })
    }
  }
  const { rows } = await parts.pool.query<{ id: string; source_key: string }>(
    `select id, source_key from engine.assets
     where source_key is not null and media is not null and bytes_removed_at is null and deleted_at is null`,
  )
  for (const { id, source_key: key } of rows) if (!there.has(key)) report.missing.push({ assetId: id, key })
}

async function removeOrphans({ storage, sources }: Parts, { orphans }: StorageReport): Promise<void> {
  for (const { key } of orphans) {
    if (key.startsWith('spool/')) await sources.removeStored(key)
    else await storage.delete(key)
  }
}

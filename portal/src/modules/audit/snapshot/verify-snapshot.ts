import { createHash } from 'node:crypto'
import { unzipSync } from 'fflate'
import { openNote, parseVkey } from '../note.ts'
import { type TrustedKeys, verifyReceipt } from '../verifier.mjs'

export type SnapshotReport = {
  ok: boolean
  id: string | null
  incident: string | null
  entries: number
  faults: string[]
}

type Manifest = {
  format: string
  id: string
  incident: string
  origin: string
  firstIndex: number | null
  lastIndex: number | null
  removed: number[]
  files: { name: string; bytes: number; sha256: string }[]
}

const MANIFEST = ['manifest.json', 'manifest.note']

/**
 * Verifies a snapshot offline, by nothing but the log's keys: the manifest's signature, each file's checksum, no file
 * more or less, and of each event that it stands in the signed log, without a gap from the first to the last.
 * Never throws.
 */
export async function verifySnapshot(archive: Buffer, keys: TrustedKeys): Promise<SnapshotReport> {
  const report: SnapshotReport = { ok: false, id: null, incident: null, entries: 0, faults: [] }
  try {
    const files = unzipSync(archive)
    const manifest = openManifest(files, keys, report)
    checkFiles(files, manifest, report)
    await checkEvents(files, manifest, keys, report)
  } catch (error) {
    report.faults.push((error as Error).message)
  }
  report.ok = report.faults.length === 0
  return report
}

type Files = Record<string, Uint8Array>

function openManifest(files: Files, { vkeys, retired = [] }: TrustedKeys, report: SnapshotReport): Manifest {
  const [text, note] = MANIFEST.map((name) => files[name])
  if (!text || !note) throw new Error('the archive has no signed manifest')
  const manifest = JSON.parse(Buffer.from(text).toString('utf8')) as Manifest
  const known = [...vkeys, ...retired.map((key) => key.split('@')[0] as string)].map((key) => parseVkey(key))
  const sha256 = createHash('sha256').update(text).digest('base64')
  const expected = `${manifest.origin} snapshot\n${manifest.id}\nsha256 ${sha256}\n`
  if (openNote(Buffer.from(note).toString('utf8'), known)?.text !== expected)
    throw new Error('the manifest is not signed by the key given')
  if (manifest.format !== 'motion-mavericks-audit-snapshot') throw new Error('not a snapshot of an audit log')
  report.id = manifest.id
  report.incident = manifest.incident
  return manifest
}

function checkFiles(files: Files, manifest: Manifest, { faults }: SnapshotReport): void {
  const listed = new Map(manifest.files.map((file) => [file.name, file]))
  for (const name of Object.keys(files))
    if (!listed.has(name) && !MANIFEST.includes(name)) faults.push(`${name} is not in the manifest`)
  for (const { name, bytes, sha256 } of listed.values()) {
    const file = files[name]
    const isSame = file?.length === bytes && createHash('sha256').update(file).digest('hex') === sha256
    if (!isSame) faults.push(file ? `${name} is not what the manifest says` : `${name} is missing`)
  }
}

async function checkEvents(
  files: Files,
  manifest: Manifest,
  keys: TrustedKeys,
  report: SnapshotReport,
): Promise<void> {
  const removed = new Set(manifest.removed)
  const names = Object.keys(files)
    .filter((name) => name.startsWith('events/'))
    .sort()
  let next = manifest.firstIndex ?? 0
  const skipRemoved = () => {
    while (removed.has(next)) next += 1
  }
  for (const name of names) {
    skipRemoved()
    const { ok, index, message } = await verifyReceipt(
      Buffer.from(files[name] as Uint8Array).toString('utf8'),
      keys,
    )
    if (!ok) report.faults.push(`${name}: ${message}`)
    else if (index !== next) report.faults.push(`entry ${next} is missing: found ${index}`)
    next = (index ?? next) + 1
    report.entries += 1
  }
  skipRemoved()
  if (manifest.lastIndex !== null && next !== manifest.lastIndex + 1)
    report.faults.push(`entries ${next} to ${manifest.lastIndex} are missing`)
}

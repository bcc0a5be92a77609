// `npm run corpus -- FOLDER [--json]`: each file of a folder through a real engine, measured against its source.
// `npm run corpus -- --make FOLDER`: makes odd files to put through it.
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { startTarget, type Target } from '../conformance/target.ts'
import { downloadRendition, fetchText, readMaster } from '../support/hls-reader.ts'
import { playlistWarnings } from '../support/playlist-warnings.ts'
import { cloneDatabase, startTestPostgres } from '../support/test-postgres.ts'
import { type Compared, compare } from './compare.ts'
import { type CorpusResult, faultsOf } from './judge.ts'
import { EXPECTATIONS, makeCorpus } from './make-corpus.ts'

import { sourceStreams } from './reference.ts'
import { HEADINGS, tableLine } from './table.ts'
import { throughEngine } from './through-engine.ts'

const USAGE = `npm run corpus -- FOLDER [--json] [--only PART-OF-A-NAME]
npm run corpus -- --make FOLDER
`
const FASTEST_MEDIA_MS = 15 * 60_000

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean' },
    make: { type: 'boolean' },
    only: { type: 'string' },
  },
})
const folder = positionals[0]
if (!folder || positionals.length > 1) {
  process.stderr.write(USAGE)
  process.exit(2)
}
// Ending in order is what lets a started engine be ended too.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
if (values.make) {
  await makeCorpus(folder, (name) => process.stderr.write(`making ${name}\n`))
  process.exit(0)
}
const results = await withEngine((target) => runFolder(target, folder))
const holds = results.length > 0 && results.every(({ faults }) => faults.length === 0)
if (values.json) process.stdout.write(`${JSON.stringify({ files: results, ok: holds })}\n`)
else
  process.stdout.write(
    `${results.length} files, ${results.filter(({ faults }) => faults.length).length} with faults\n`,
  )
process.exit(holds ? 0 : 1)

async function runFolder(target: Target, folder: string): Promise<CorpusResult[]> {
  const expected = JSON.parse(await readFile(join(folder, EXPECTATIONS), 'utf8').catch(() => '{}'))
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const names = paths
    .map((path) => relative(folder, path))
    .filter((name) => name !== EXPECTATIONS)
    .sort()
  const results: CorpusResult[] = []
  if (!values.json) process.stdout.write(`${HEADINGS}\n`)
  for (const name of names.filter((name) => name.includes(values.only ?? ''))) {
    const result = await runFile(target, join(folder, name), name, expected[name])
    results.push(result)
    const stream = values.json ? process.stderr : process.stdout
    stream.write(`${tableLine(result)}\n`)
  }
  return results
}

async function runFile(target: Target, path: string, file: string, expected?: string): Promise<CorpusResult> {
  const work = await mkdtemp(join(tmpdir(), 'corpus-'))
  const nothing = { durationDriftMs: null, frameDrift: null, avOffsetMs: null, ssim: null }
  try {
    const { assetId, url, ...passage } = await throughEngine(target, path, await deadlineOf(path))
    const compared = url ? await compareDelivered(path, url, work) : null
    const warnings = url ? await playlistWarnings(url) : []
    for (const warning of warnings) process.stderr.write(`${file}: ${warning}\n`)
    if (assetId) await target.mux.video.assets.delete(assetId)
    const { constantRate, frameSeconds, ...measured } = compared ?? {
      ...nothing,
      constantRate: false,
      frameSeconds: 0,
    }
    const facts = { file, ...passage, ...measured, playlistWarnings: warnings.length }
    return { ...facts, faults: faultsOf(facts, compared && { constantRate, frameSeconds }, expected) }
  } catch (error) {
    process.stderr.write(`${file}: ${(error as Error).stack}\n`)
    const facts = {
      file,
      outcome: 'errored',
      reason: null,
      playableMs: null,
      ladderMs: null,
      ...nothing,
    } as const
    return { ...facts, playlistWarnings: 0, faults: [(error as Error).message.split('\n')[0] ?? 'failed'] }
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

async function compareDelivered(path: string, url: string, work: string): Promise<Compared | null> {
  const streams = await sourceStreams(path)
  if (!streams) throw new Error('ready, though ffprobe finds nothing in it')
  const master = await readMaster(url)
  const [top, sound] = [master.video[0], master.audio[0]]
  const files = { video: top ? join(work, 'video.mp4') : null, audio: sound ? join(work, 'audio.mp4') : null }
  if (top && files.video) await downloadRendition(top.url, files.video)
  if (sound && files.audio) await downloadRendition(sound, files.audio)
  const frames = streams.video ? 1 / streams.video.frameSeconds : 0
  const capped = top && frames > top.frameRate * 1.5 && top.frameRate > 50 ? top.frameRate : null
  return await compare(
    path,
    streams,
    { ...files, seconds: top ? await playlistSeconds(top.url) : 0, capped },
    work,
  )
}

async function playlistSeconds(url: string): Promise<number> {
  const lengths = [...(await fetchText(url)).matchAll(/^#EXTINF:([\d.]+)/gm)]
  return lengths.reduce((sum, [, seconds]) => sum + Number(seconds), 0)
}

/** A quarter of an hour and a minute for each megabyte: far more than any file here needs. */
async function deadlineOf(path: string): Promise<number> {
  const { size } = await stat(path)
  return FASTEST_MEDIA_MS + (size / 1e6) * 60_000
}

async function withEngine<T>(work: (target: Target) => Promise<T>): Promise<T> {
  const postgres = await startTestPostgres()
  const database = await cloneDatabase(postgres.config, 'engine')
  const target = await startTarget(database.url, { maxUploadBytes: 64 * 1024 ** 3 })
  try {
    return await work(target)
  } finally {
    await target.stop()
    await database.close()
    await postgres.stop()
  }
}

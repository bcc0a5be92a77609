import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { until } from './check.ts'
import { componentFaults } from './openapi.ts'
import type { OwnEngine, Target } from './target.ts'
import { claimsFor, sharedKey, sign } from './token-client.ts'
import { distinctEvents } from './webhook-sink.ts'

type Files = { add(name: string, body: Buffer | string): string; missing(name: string): string }

/** Files that the engine may fetch. */
export function withFiles(own: OwnEngine, work: (files: Files) => Promise<void>): Promise<void> {
  const folder = `/tracks-${randomUUID()}/`
  return work({
    add: (name, body) => own.inputs.serve(folder + name, { body: Buffer.from(body) }),
    missing: (name) => `${own.inputs.origin}${folder}${name}`,
  })
}

const run = promisify(execFile)
const FFMPEG = process.env.FFMPEG_PATH || 'ffmpeg'

export const SRT =
  '1\r\n00:00:01,000 --> 00:00:02,500\r\n<i>Hello</i> & welcome\r\n\r\n2\r\n00:00:03,000 --> 00:01:00,000\r\nto the end\r\n'
export const NORMAL =
  'WEBVTT\n\n00:00:01.000 --> 00:00:02.500\n<i>Hello</i> &amp; welcome\n\n00:00:03.000 --> 00:00:06.000\nto the end\n\n'

export async function waitForTrack(target: Target, assetId: string, trackId: string, status: string) {
  return until(`the track to be ${status}`, async () => {
    const { tracks = [] } = await target.mux.video.assets.retrieve(assetId)
    const track = tracks.find(({ id }) => id === trackId)
    assert.ok(track, 'the track is listed')
    assert.ok(track.status === 'preparing' || track.status === status, `the track is ${track.status}`)
    return track.status === status ? track : null
  })
}

export async function textOf(target: Target, playbackId: string, file: string) {
  const token = await sign(await sharedKey(target), claimsFor(playbackId))
  return target.fetch(`${target.url}/${playbackId}/text/${file}?token=${token}`)
}

export async function masterOf(target: Target, playbackId: string): Promise<string> {
  const token = await sign(await sharedKey(target), claimsFor(playbackId))
  const answer = await target.fetch(`${target.url}/${playbackId}.m3u8?token=${token}`)
  assert.equal(answer.status, 200)
  return answer.text()
}

export function eventsOf(own: OwnEngine, trackId: string) {
  const events = distinctEvents(own.sink).filter(({ object }) => object.id === trackId)
  for (const { data } of events) {
    const { asset_id, error, ...track } = data
    assert.equal(typeof asset_id, 'string')
    assert.deepEqual(componentFaults('Track', track), [])
  }
  return events
}

/** A file made by ffmpeg from `args` (inputs and options). */
export async function makeFile(
  name: string,
  args: string[],
  files: Record<string, string> = {},
): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'engine-track-'))
  try {
    for (const [each, text] of Object.entries(files)) await writeFile(join(folder, each), text)
    await run(FFMPEG, ['-v', 'error', '-nostdin', ...args, name], { cwd: folder })
    return await readFile(join(folder, name))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

export const rejected = (status: number) => (error: { status?: number }) => error.status === status

import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createIngestRun, type IngestRun } from '../../../tests/support/ingest-run.ts'
import {
  AAC,
  type ClipFolder,
  createClipFolder,
  H264,
  pictures,
  tone,
} from '../../../tests/support/media-clips.ts'

const exec = promisify(execFile)
let clips: ClipFolder
const runs: IngestRun[] = []

beforeAll(async () => {
  clips = await createClipFolder()
})
afterAll(() => Promise.all([clips.remove(), ...runs.map((run) => run.remove())]))

async function ingested(name: string, codec: string[], seconds: number) {
  const inputs = [...pictures('320x180', seconds), ...tone(seconds)]
  const run = await createIngestRun(await clips.make(name, [...inputs, ...codec, ...AAC]))
  runs.push(run)
  await run.stage('first')
  await run.stage('rest')
  return run
}

/** Number and types of the pictures that decode from a byte range behind the initialisation. */
async function picturesIn(run: IngestRun, folder: string, [segment, offset, bytes]: number[]) {
  const init = await run.storage.readAll(`${folder}init.mp4`)
  const media = await run.storage.readAll(`${folder}${segment}.m4s`)
  const path = join(clips.folder, 'range.mp4')
  await writeFile(path, Buffer.concat([init!, media!.subarray(offset!, offset! + bytes!)]))
  const show = ['-show_entries', 'frame=pict_type,best_effort_timestamp_time', '-of', 'csv=p=0']
  const { stdout } = await exec('ffprobe', ['-v', 'quiet', '-select_streams', 'v', ...show, path])
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.split(','))
}

describe('keyframe ranges', () => {
  it.each([
    ['remuxed, with reordered pictures and a stub joined at the end', 'remux.mp4', H264, 9.4],
    ['encoded', 'encode.mp4', ['-c:v', 'mpeg4', '-q:v', '3', '-g', '30'], 6.5],
  ])('decode to one picture each, and cover the film: %s', async (_, name, codec, seconds) => {
    const run = await ingested(name, codec, seconds)
    for (const rendition of run.renditions.filter(({ kind }) => kind === 'video')) {
      let time = 10
      for (const range of rendition.iframes) {
        const decoded = await picturesIn(run, rendition.folder, range)
        expect(decoded, JSON.stringify(range)).toHaveLength(1)
        expect(decoded[0]![1]).toBe('I')
        expect(Number(decoded[0]![0])).toBeCloseTo(time, 2)
        time += range[3]
      }
      const whole = rendition.segments.reduce((sum, { duration }) => sum + duration, 0)
      expect(time - 10).toBeCloseTo(whole, 4)
      const segments = new Set(rendition.iframes.map(([segment]) => segment))
      expect(segments.size).toBe(rendition.segments.length)
    }
    for (const sound of run.renditions.filter(({ kind }) => kind === 'audio'))
      expect(sound.iframes).toEqual([])
  })
})

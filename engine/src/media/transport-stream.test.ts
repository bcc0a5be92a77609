import { afterAll, beforeAll, expect, it } from 'vitest'
import { createIngestRun, type IngestRun } from '../../../tests/support/ingest-run.ts'
import {
  type ClipFolder,
  createClipFolder,
  packetTimes,
  pictures,
  tone,
} from '../../../tests/support/media-clips.ts'

let clips: ClipFolder
let run: IngestRun
beforeAll(async () => {
  clips = await createClipFolder()
  const late = ['-itsoffset', '0.2', ...pictures('960x540', 3)]
  const path = await clips.make('late-picture.ts', [
    ...late,
    ...tone(3),
    '-c:v',
    'mpeg2video',
    '-b:v',
    '2M',
    '-c:a',
    'mp2',
  ])
  run = await createIngestRun(path)
  await run.stage('first')
  await run.stage('rest')
}, 60_000)
afterAll(async () => {
  await Promise.all([clips.remove(), run?.remove()])
})

it('gives every rung the same times, whether or not its run used the sound', async () => {
  const rungs = run.renditions.filter(({ kind }) => kind === 'video').map(({ name }) => name)
  expect(rungs.length).toBeGreaterThan(1)
  const starts = await Promise.all(
    rungs.map(async (name) => Math.min(...(await packetTimes(await run.joined(name))).map(({ pts }) => pts))),
  )
  for (const start of starts) expect(start).toBeCloseTo(starts[0]!, 4)
  // The sound begins 0.2 s before the picture, at the timeline's ten seconds.
  expect(starts[0]).toBeCloseTo(10.2, 1)
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createIngestRun } from '../../../tests/support/ingest-run.ts'
import { type ClipFolder, createClipFolder, H264 } from '../../../tests/support/media-clips.ts'
import { fitLadder } from './fit-ladder.ts'
import type { RenditionResult } from './ingest-context.ts'
import type { Rung } from './plan.ts'

const rung = (name: string, maxBitRate: number): Rung => ({
  name,
  width: 2,
  height: 2,
  frameRateCap: null,
  maxBitRate,
})
const LADDER = [
  rung('1080p', 6_000_000),
  rung('720p', 3_270_000),
  rung('480p', 1_780_000),
  rung('270p', 750_000),
]
const needs = (...rates: number[]) =>
  new Map(LADDER.map(({ name }, index) => [name, { mean: rates[index]!, peak: rates[index]! }]))
const told = (rungs: Rung[]) => rungs.map(({ name, maxBitRate }) => [name, maxBitRate / 1000])

describe('a ladder fitted to its film', () => {
  it('keeps caps and rungs where the film needs them, or nothing is known', () => {
    const noise = needs(40e6, 18e6, 8e6, 2.5e6)
    const whole = [
      ['1080p', 6000],
      ['720p', 3270],
      ['480p', 1780],
      ['270p', 750],
    ]
    expect(told(fitLadder(LADDER, noise, []))).toEqual(whole)
    expect(told(fitLadder(LADDER, null, []))).toEqual(whole)
  })

  it('lowers caps to what the film needs with room to spare, never to next to nothing', () => {
    const talk = needs(1_200_000, 620_000, 330_000, 140_000)
    expect(told(fitLadder(LADDER, talk, []))).toEqual([
      ['1080p', 2400],
      ['720p', 1240],
      ['480p', 660],
      ['270p', 280],
    ])
    expect(told(fitLadder(LADDER, needs(30_000, 9000, 9000, 9000), []))).toEqual([['1080p', 1800]])
  })

  it('leaves out rungs that save next to nothing, and all below what any line carries', () => {
    const slides = needs(400_000, 330_000, 180_000, 90_000)
    expect(told(fitLadder(LADDER, slides, [])).map(([name]) => name)).toEqual(['1080p', '480p'])
  })

  it('measures against what is finished, and keeps it', () => {
    const copied = [{ name: '1080p', averageBandwidth: 500_000 }] as RenditionResult[]
    const names = fitLadder(LADDER, needs(0, 600_000, 340_000, 150_000), copied).map(({ name }) => name)
    expect(names).toEqual(['1080p', '480p', '270p'])
  })
})

describe('a film of two minutes', () => {
  let clips: ClipFolder
  beforeAll(async () => {
    clips = await createClipFolder()
  })
  afterAll(() => clips.remove())

  it('gets no rung that costs as much as the one above', async () => {
    const still = ['-f', 'lavfi', '-i', 'smptehdbars=size=640x360:rate=10:duration=122']
    const path = await clips.make('still.mp4', [...still, ...H264])
    const run = await createIngestRun(path)
    await run.stage('first')
    await run.stage('rest')
    expect(run.renditions.map(({ name }) => name)).toEqual(['360p'])
    await run.remove()
  }, 60_000)
})

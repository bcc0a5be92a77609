import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp, type TestApp } from '../support/test-app.ts'
import { newTally, playSequence } from './play-sequence.ts'
import { sequence } from './share-sequences.ts'
import { type Stage, setStage } from './stage.ts'

let t: TestApp
let stage: Stage

beforeAll(async () => {
  t = await createTestApp()
  stage = await setStage(t)
})
afterAll(async () => await t?.stop())

describe('random sequences of what people do with shares', () => {
  it('[SPS-02] [SPS-08] [SPS-10] [IDN-02] are answered by the portal as by a model of it, at one moment too', async () => {
    const tally = newTally()
    await fc.assert(
      fc.asyncProperty(sequence, async (drawn) => await playSequence(stage, drawn, tally)),
      { numRuns: 250 },
    )
    expect(tally.concurrent).toBeGreaterThan(20)
  }, 120_000)
})

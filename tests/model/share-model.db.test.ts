import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp, type TestApp } from '../support/test-app.ts'
import { type Stage, setStage } from './share-driver.ts'
import { playSequence, sequence } from './share-sequences.ts'

let t: TestApp
let stage: Stage

beforeAll(async () => {
  t = await createTestApp()
  stage = await setStage(t)
})
afterAll(async () => await t?.stop())

describe('random sequences of what people do with a share', () => {
  it('[SPS-02] [IDN-02] are answered by the portal as by a model of it, at one moment too', async () => {
    const tally = { sequences: 0, operations: 0, concurrent: 0 }
    await fc.assert(
      fc.asyncProperty(sequence, async (moves) => await playSequence(stage, moves, tally)),
      { numRuns: 250 },
    )
    expect(tally.concurrent).toBeGreaterThan(20)
  }, 120_000)
})

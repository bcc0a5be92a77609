import { expect, it } from 'vitest'
import { shareLimitsSchema } from './inputs.ts'
import { DEFAULT_LIMITS, limitsInWords } from './share-limits.ts'

it.each([
  [
    {},
    'A new link needs nobody’s leave if it lives at most 7 days; up to 90 days and anything else with a second person.',
  ],
  [
    { lifeDays: 1, mostLifeDays: 1, mostViews: 1, watermark: true },
    'A new link needs nobody’s leave if it lives at most 1 day, allows at most 1 view and shows a watermark; anything else with a second person, but no longer life.',
  ],
  [
    { leastAccess: 'email', passwordForLinks: true },
    'A new link needs nobody’s leave if it lives at most 7 days and asks for a verified address; up to 90 days and anything else with a second person.',
  ],
] as const)('[SPS-08] limits %o are said as a sentence', (change, sentence) => {
  expect(limitsInWords({ ...DEFAULT_LIMITS, ...change })).toBe(sentence)
})

it('what holds where nothing was set is what the input’s defaults say', () => {
  expect(shareLimitsSchema.parse({})).toEqual(DEFAULT_LIMITS)
})

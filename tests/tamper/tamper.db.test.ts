import { expect, test } from 'vitest'
import { createTestDatabase } from '../support/database.ts'
import { createRandom } from '../support/random.ts'
import { furnishLog } from './furnish-log.ts'
import type { Attempt, Target } from './target.ts'
import { tryTamperings } from './try-tamperings.ts'

const SEED = 20_261_122

test('[ALV-02] each kind of tampering is found once, and no untouched copy is refused', async () => {
  const log = await furnishLog(await createTestDatabase('portal'))
  const kinds = log.targets.flatMap(({ kinds }) => kinds)
  const report = await tryTamperings(log.targets, kinds.length, SEED)
  expect(report.kinds.filter(({ tried, found }) => tried !== 1 || found !== 1)).toEqual([])
  expect(report).toMatchObject({ ok: true, tried: kinds.length, found: kinds.length, falseAlarms: 0 })
  expect(report.untouched).toBeGreaterThan(5)
  for (const target of log.targets)
    expect(await target.attempt(null, createRandom(SEED))).toMatchObject({ changed: false, found: false })
  await log.close()
}, 120_000)

const fake = (attempt: (kind: string | null) => Attempt): Target => ({
  name: 'fake',
  kinds: ['one', 'two'],
  attempt: async (kind) => attempt(kind),
})

test('a verifier that sees nothing fails the run, and so does one that refuses everything', async () => {
  const blind = await tryTamperings([fake(() => ({ changed: true, found: false }))], 30, SEED)
  expect(blind).toMatchObject({ ok: false, tried: 30, found: 0, falseAlarms: 0 })
  const scared = await tryTamperings([fake(() => ({ changed: true, found: true }))], 30, SEED)
  expect(scared).toMatchObject({ ok: false, tried: 30, found: 30, untouched: 3, falseAlarms: 3 })
})

test('a tampering that changes nothing is drawn again, and never counts', async () => {
  let draws = 0
  const lazy = fake((kind) => ({ changed: kind === null || ++draws % 3 === 0, found: kind !== null }))
  expect(await tryTamperings([lazy], 10, SEED)).toMatchObject({ ok: true, tried: 10, found: 10 })
  expect(draws).toBe(30)
  await expect(tryTamperings([fake(() => ({ changed: false, found: true }))], 1, SEED)).rejects.toThrow(
    'nothing was changed',
  )
})

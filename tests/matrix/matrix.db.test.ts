import { expect, it } from 'vitest'
import { reportOf } from './report.ts'
import { walkMatrix } from './walk.ts'

it('[IDN-01] lets each role do what its operations declare, on objects in its reach, and nothing else', async () => {
  const { wrong, withoutExample, cells } = reportOf(await walkMatrix())
  expect(withoutExample).toEqual([])
  expect(wrong).toEqual([])
  expect(cells).toBeGreaterThan(500)
}, 600_000)

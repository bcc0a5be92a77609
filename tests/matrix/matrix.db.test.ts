import { expect, it } from 'vitest'
import { createTestDatabase } from '../support/database.ts'
import { reportOf } from './report.ts'
import { walkMatrix } from './walk.ts'

it('[IDN-01] [ASVS-8.2.1, ASVS-8.2.2, ASVS-8.3.1, ASVS-8.4.1] lets each role do what its operations declare, on objects in its reach, and nothing else', async () => {
  const { wrong, withoutExample, cells, people } = reportOf(
    await walkMatrix(() => createTestDatabase('portal')),
  )
  expect(withoutExample).toEqual([])
  expect(wrong).toEqual([])
  expect(cells).toBeGreaterThan(7000)
  expect(people.find(({ who }) => who === 'key of an agency, all scopes')?.allowed).toBeGreaterThan(50)
}, 600_000)

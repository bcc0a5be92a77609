import { expect, it } from 'vitest'
import { readSources } from '../asvs/read-sources.ts'
import { audienceOf, pagePaths } from './pages.ts'

const sources = readSources(['portal/src/app', 'portal/src/cli', 'portal/src/api'])
const under = (folder: string) => [...sources].filter(([file]) => file.startsWith(folder))
const PAST_OPERATIONS = /\.(execute|pool|db)\b(?!\.config)|from '#portal\/platform\/db\.ts'|drizzle-orm/

// What the matrix tries by call is what pages and commands do, as long as they have no other way in.
it('[IDN-01] [ASVS-8.2.1, ASVS-8.3.1] pages reach the portal through the one door, as whoever is signed in', () => {
  expect(
    under('portal/src/app')
      .filter(([, text]) => PAST_OPERATIONS.test(text))
      .map(([file]) => file),
  ).toEqual([])
  const callers = under('portal/src/app').filter(([, text]) => /\bapp\.call\(/.test(text))
  expect(callers.map(([file]) => file)).toEqual(['portal/src/app/door.ts'])
  expect(pagePaths().filter((path) => audienceOf(path) === null)).toEqual([])
})

it('[IDN-01] [ASVS-8.3.1] commands call operations as the command line, and nothing past them', () => {
  const actors = under('portal/src/cli').flatMap(([, text]) =>
    [...text.matchAll(/newContext\(([^),]*)/g)].map(([, actor]) => actor),
  )
  // The one as the portal itself takes the steps of a comparison that a person has begun by command.
  expect(actors.sort()).toEqual([`{ kind: 'command'`, `{ kind: 'system'`])
  const past = under('portal/src/cli')
    .filter(([, text]) => PAST_OPERATIONS.test(text))
    .map(([file]) => file)
  // Both only read: whether the database answers, and the log's public time-stamps.
  expect(past).toEqual(['portal/src/cli/doctor-checks.ts', 'portal/src/cli/witness.ts'])
})

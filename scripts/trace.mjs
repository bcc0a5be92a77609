// `npm run trace`: which tests prove which requirement, from the last test run. IDs stand in titles as [SPS-02]
// and on Gherkin scenarios as @SPS-02.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, say } from './setup/terminal.mjs'
import { suiteOf, suiteVersionOf } from './test/e2e-suite.mjs'
import { REPORTS, readResults } from './test/read-reports.mjs'

const ID = /\b[A-Z0-9]{3}-N?\d{1,2}\b/g

/** IDs that a test names. @param {{title: string, tags: string[]}} result @returns {string[]} */
export function idsOf({ title, tags }) {
  const bracketed = [...title.matchAll(/\[([^\]]+)\]/g)].flatMap(([, inside]) => inside.match(ID) ?? [])
  return [...new Set([...bracketed, ...tags.flatMap((tag) => tag.match(ID) ?? [])])]
}

/**
 * @param {string[]} ids all requirements
 * @param {{title: string, tags: string[], passed: boolean}[]} results
 */
export function trace(ids, results) {
  const requirements = ids.map((id) => {
    const mine = results.filter((result) => idsOf(result).includes(id))
    const passed = mine.length > 0 && mine.every((result) => result.passed)
    return { id, tests: mine.map(({ title }) => title), passed }
  })
  const named = [...new Set(results.flatMap(idsOf))]
  return {
    requirements,
    uncovered: requirements.filter(({ tests }) => !tests.length).map(({ id }) => id),
    unknown: named.filter((id) => !ids.includes(id)),
  }
}

function main(args) {
  if (!existsSync(join(REPORTS, 'summary.json'))) {
    say('There is no test run to read: run npm test first.')
    process.exit(1)
  }
  const lines = readFileSync(join(ROOT, 'docs/requirements.tsv'), 'utf8').trim().split('\n').slice(1)
  const results = readdirSync(REPORTS)
    .filter((name) => name.endsWith('.json') && name !== 'summary.json')
    .flatMap((name) => readResults(name === 'e2e.json' ? 'playwright' : 'vitest', join(REPORTS, name)) ?? [])
  const traced = trace(
    lines.map((line) => line.split('\t')[0]),
    results,
  )
  const e2e = readResults('playwright', join(REPORTS, 'e2e.json'))
  const e2eSuite = e2e && suiteOf(suiteVersionOf(process.env), e2e)
  if (args.includes('--json')) process.stdout.write(`${JSON.stringify({ ...traced, e2eSuite }, null, 2)}\n`)
  else print(traced, e2eSuite)
  process.exit(traced.unknown.length ? 1 : 0)
}

function print({ requirements, uncovered, unknown }, suite) {
  for (const { id, tests, passed } of requirements.filter((requirement) => requirement.tests.length)) {
    process.stdout.write(`${id.padEnd(8)}${passed ? 'passed' : 'FAILED'}  ${tests.length} tests\n`)
    for (const test of tests) process.stdout.write(`          ${test}\n`)
  }
  if (suite)
    process.stdout.write(
      `\nend-to-end suite version ${suite.version}: ${suite.passed} of ${suite.promised} promised scenarios passed\n`,
    )
  process.stdout.write(`\nwithout a test (${uncovered.length}): ${uncovered.join(' ')}\n`)
  if (unknown.length) process.stdout.write(`named by a test, but no requirement: ${unknown.join(' ')}\n`)
}

if (process.argv[1]?.endsWith('trace.mjs')) main(process.argv.slice(2))

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../setup/terminal.mjs'

/** Where the last test run left its reports; `npm run trace` reads them. */
export const REPORTS = join(ROOT, '.artifacts/last-run')

/** @typedef {{title: string, tags: string[], passed: boolean, message?: string}} TestResult */

/**
 * Counts of one step. A step that died, reported nothing or has no test counts as one failure; so does one
 * that reports success and ends with another status than 0.
 * @param {string} name @param {'status' | 'vitest' | 'playwright'} report @param {number | string} status
 * @returns {{passed: number, failed: number, note?: string, failures?: TestResult[]}} `failures` where tests failed
 */
export function readStep(name, report, status, folder = REPORTS) {
  const ended = status === 0 ? undefined : `ended with ${status}`
  if (report === 'status') return ended ? { passed: 0, failed: 1, note: ended } : { passed: 1, failed: 0 }
  const results = readResults(report, join(folder, `${name}.json`))
  if (!results) return { passed: 0, failed: 1, note: ended ?? 'no report' }
  if (!results.length) return { passed: 0, failed: 1, note: 'no test in it' }
  const passed = results.filter((result) => result.passed).length
  const failures = results.filter((result) => !result.passed)
  if (ended && !failures.length) return { passed, failed: 1, note: ended }
  return failures.length ? { passed, failed: failures.length, failures } : { passed, failed: 0 }
}

/** Every test of a report, or null if there is no whole report. @returns {TestResult[] | null} */
export function readResults(/** @type {'vitest' | 'playwright'} */ report, /** @type {string} */ file) {
  try {
    const json = JSON.parse(readFileSync(file, 'utf8'))
    return report === 'vitest' ? vitestResults(json) : playwrightResults(json)
  } catch {
    return null
  }
}

// A test left out on this system (runIf) neither passed nor failed. A file that can't be loaded has no tests.
function vitestResults(json) {
  return json.testResults.flatMap((file) => {
    const ran = file.assertionResults.filter(({ status }) => status === 'passed' || status === 'failed')
    const results = ran.map(({ fullName, status, failureMessages }) => ({
      title: fullName,
      tags: [],
      passed: status === 'passed',
      ...(failureMessages?.length ? { message: failureMessages[0] } : {}),
    }))
    const brokenFile = file.status === 'failed' && results.every(({ passed }) => passed)
    return brokenFile ? [...results, { title: `${file.name} as a whole`, tags: [], passed: false }] : results
  })
}

// `ok` is also true for a test that passed at a second try; here that is a failure.
function playwrightResults(json) {
  const results = json.suites.flatMap((suite) => suiteResults(suite, ''))
  return [...results, ...json.errors.map(({ message }) => ({ title: message, tags: [], passed: false }))]
}

function suiteResults(suite, above) {
  const title = [above, suite.title].filter(Boolean).join(' › ')
  const specs = (suite.specs ?? []).flatMap((spec) =>
    spec.tests
      .filter(({ status }) => status !== 'skipped')
      .map(({ status, results }) => ({
        title: `${title} › ${spec.title}`,
        tags: spec.tags,
        passed: status === 'expected',
        message: results?.findLast(({ error }) => error)?.error.message,
      })),
  )
  return [...specs, ...(suite.suites ?? []).flatMap((inner) => suiteResults(inner, title))]
}

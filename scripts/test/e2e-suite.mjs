import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../setup/terminal.mjs'

const SUITES = join(ROOT, 'tests/e2e/suites')
const FEATURES = join(ROOT, 'tests/e2e/features')

/** Versions of the end-to-end suite that ship, oldest first. @returns {string[]} */
export function suiteVersions() {
  const files = readdirSync(SUITES).filter((file) => file.endsWith('.txt'))
  return files.map((file) => file.slice(0, -4)).sort((a, b) => Number(a) - Number(b))
}

/**
 * The version that a run belongs to. @param {Record<string, string | undefined>} env
 * @throws {Error} with a sentence where it is none that ships
 */
export function suiteVersionOf({ E2E_SUITE_VERSION }) {
  const versions = suiteVersions()
  const version = E2E_SUITE_VERSION || versions.at(-1)
  if (version === undefined || !existsSync(join(SUITES, `${version}.txt`)) || !versions.includes(version))
    throw new Error(`E2E_SUITE_VERSION must be one of ${versions.join(', ')}.`)
  return version
}

/** What a version promises: "feature › scenario", one a line. @returns {string[]} */
export function promisedScenarios(/** @type {string} */ version) {
  return readFileSync(join(SUITES, `${version}.txt`), 'utf8')
    .split('\n')
    .filter(Boolean)
}

/** Every scenario of the feature files, as versions name them. @returns {string[]} */
export function writtenScenarios(folder = FEATURES) {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.feature'))
    .flatMap((file) => {
      const text = readFileSync(join(folder, file), 'utf8')
      const feature = /^\s*Feature:\s*(.+)$/m.exec(text)?.[1]?.trim() ?? file
      const titles = [...text.matchAll(/^\s*Scenario(?: Outline)?:\s*(.+)$/gm)]
      return titles.map(([, title = '']) => `${feature} › ${title.trim()}`)
    })
    .sort()
}

/**
 * What a run says of its suite: a promised scenario that did not run, or not well, is named.
 * @param {string} version @param {{title: string, passed: boolean}[]} results
 */
export function suiteOf(version, results) {
  const promised = promisedScenarios(version)
  const failed = promised.filter((scenario) => {
    // Examples of an outline stand below its title.
    const mine = results.filter(({ title }) => `${title} › `.includes(` › ${scenario} › `))
    return mine.length === 0 || mine.some(({ passed }) => !passed)
  })
  return { version, promised: promised.length, passed: promised.length - failed.length, failed }
}

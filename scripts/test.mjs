// `npm test`: every check and every test, one closing line. `npm test -- unit` runs the steps of that name.
import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { buildPages } from './setup/build-pages.mjs'
import { ROOT, say } from './setup/terminal.mjs'
import { suiteOf, suiteVersionOf } from './test/e2e-suite.mjs'
import { planStages, runStages } from './test/plan-stages.mjs'
import { REPORTS, readResults, readStep } from './test/read-reports.mjs'

const MINUTE_MS = 60_000

const bin = (/** @type {string} */ path) => join(ROOT, 'node_modules', path)
const vitest = (/** @type {string} */ project) => [
  [
    bin('vitest/vitest.mjs'),
    'run',
    `--project=${project}`,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${join(REPORTS, `${project}.json`)}`,
  ],
]

/**
 * Each step: the commands it consists of, how it reports, and when it counts as dead. A check without a report
 * is one test, passed if its status is 0.
 * @type {{name: string, report: 'status' | 'vitest' | 'playwright', minutes: number, run: string[][] | ((output: number) => Promise<void>)}[]}
 */
const STEPS = [
  { name: 'types', report: 'status', minutes: 6, run: [[bin('typescript/bin/tsc'), '-p', 'tsconfig.json']] },
  { name: 'lint', report: 'status', minutes: 2, run: [[bin('@biomejs/biome/bin/biome'), 'ci', '.']] },
  {
    name: 'dependencies',
    report: 'status',
    minutes: 3,
    run: [
      [
        bin('dependency-cruiser/bin/dependency-cruiser.mjs'),
        ...['portal/src', 'engine/src', '--config', '.dependency-cruiser.cjs', '--output-type', 'err-long'],
      ],
    ],
  },
  { name: 'structure', report: 'status', minutes: 1, run: [[join(ROOT, 'scripts/check-structure.mjs')]] },
  { name: 'unused', report: 'status', minutes: 3, run: [[bin('knip/bin/knip.js'), '--no-config-hints']] },
  { name: 'unit', report: 'vitest', minutes: 5, run: vitest('unit') },
  { name: 'db', report: 'vitest', minutes: 16, run: vitest('db') },
  { name: 'conformance', report: 'vitest', minutes: 12, run: vitest('conformance') },
  { name: 'pages', report: 'status', minutes: 4, run: buildPages },
  {
    name: 'e2e',
    report: 'playwright',
    minutes: 15,
    run: [
      [bin('playwright-bdd/dist/cli/index.js'), 'test'],
      [bin('@playwright/test/cli.js'), 'test'],
    ],
  },
]

async function main(filters) {
  const steps = STEPS.filter(({ name }) => !filters.length || filters.includes(name))
  if (!steps.length) {
    say(`There is no such step. There are: ${STEPS.map(({ name }) => name).join(', ')}.`)
    process.exit(2)
  }
  const version = steps.some(({ name }) => name === 'e2e') ? suiteVersionOrExit() : null
  rmSync(REPORTS, { recursive: true, force: true })
  mkdirSync(REPORTS, { recursive: true })
  const results = new Map()
  await runStages(planStages(steps), timeStep, (step, result, live) => {
    results.set(step.name, result)
    if (!live) process.stdout.write(`\n── ${step.name}\n${readFileSync(logOf(step), 'utf8')}`)
  })
  finish(
    steps.map(({ name }) => results.get(name)),
    version,
  )
}

const logOf = ({ name }) => join(REPORTS, `${name}.log`)

/** What a step came to. One that goes on beside another writes to a file of its own, so that outputs do not mix. */
async function timeStep(step, live) {
  if (live) process.stdout.write(`\n── ${step.name}\n`)
  const output = live ? 'inherit' : openSync(logOf(step), 'w')
  const began = performance.now()
  const status = await runStep(step, output)
  if (!live) closeSync(output)
  return {
    name: step.name,
    seconds: (performance.now() - began) / 1000,
    ...readStep(step.name, step.report, status),
  }
}

function suiteVersionOrExit() {
  try {
    return suiteVersionOf(process.env)
  } catch (error) {
    say(error.message)
    process.exit(2)
  }
}

/** Which version of the end-to-end suite this run is of; promised scenarios that did not run count as failures. */
function judgeSuite(results, version) {
  const step = results.find(({ name }) => name === 'e2e')
  if (!step || version === null) return null
  const suite = suiteOf(version, readResults('playwright', join(REPORTS, 'e2e.json')) ?? [])
  step.note ??= `suite version ${version}: ${suite.passed} of ${suite.promised} promised scenarios`
  if (suite.failed.length && !step.failed) Object.assign(step, { failed: suite.failed.length })
  return suite
}

function finish(results, version) {
  const e2eSuite = judgeSuite(results, version)
  const sum = (key) => results.reduce((total, result) => total + result[key], 0)
  const [passed, failed] = [sum('passed'), sum('failed')]
  writeFileSync(
    join(REPORTS, 'summary.json'),
    JSON.stringify({ passed, failed, e2eSuite, steps: results }, null, 2),
  )
  process.stdout.write('\nstep          passed  failed  seconds\n')
  for (const { name, passed: good, failed: bad, seconds, note } of results) {
    const cells = [
      name.padEnd(12),
      String(good).padStart(7),
      String(bad).padStart(7),
      seconds.toFixed(1).padStart(8),
    ]
    process.stdout.write(`${cells.join(' ')}${note ? `  ${note}` : ''}\n`)
  }
  for (const { name, failures = [] } of results) for (const failure of failures) sayFailure(name, failure)
  process.stdout.write(`\n${passed} passed, ${failed} failed\n`)
  process.exit(failed ? 1 : 0)
}

// Whoever sees only the end of a log must still learn what failed, and why.
function sayFailure(step, { title, message = '' }) {
  const lines = stripVTControlCharacters(message).split('\n').slice(0, 12)
  process.stdout.write(`\n✗ ${step}: ${title}\n${lines.map((line) => `    ${line}\n`).join('')}`)
}

/** 0, or what went wrong. @returns {Promise<number | string>} */
async function runStep({ name, run, minutes }, output) {
  if (typeof run === 'function')
    return await run(output === 'inherit' ? 2 : output).then(() => 0, told(output))
  for (const args of run) {
    const status = await runCommand(args, minutes * MINUTE_MS, join(REPORTS, `${name}.json`), output)
    if (status !== 0) return status
  }
  return 0
}

const told = (output) => (error) => {
  writeSync(output === 'inherit' ? 2 : output, `${error.message}\n`)
  return error.message
}

/** Each ends a command under way with everything it started. */
const underWay = new Set()

function runCommand(args, limitMs, report, output) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      cwd: ROOT,
      // A group of its own, so that a step that hangs goes with everything it started.
      detached: true,
      stdio: ['ignore', output, output],
      env: { ...process.env, PLAYWRIGHT_JSON_OUTPUT_FILE: report },
    })
    const end = () => process.kill(-child.pid, 'SIGKILL')
    underWay.add(end)
    let late = false
    const timer = setTimeout(() => {
      late = true
      end()
    }, limitMs)
    const settle = (status) => {
      clearTimeout(timer)
      underWay.delete(end)
      resolve(late ? `dead after ${limitMs / MINUTE_MS} minutes` : status)
    }
    child.once('error', (error) => settle(error.message))
    child.once('close', (code, signal) => settle(code ?? signal ?? 'ended'))
  })
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    for (const end of underWay) end()
    process.exit(130)
  })
}

await main(process.argv.slice(2))

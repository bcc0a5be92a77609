import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readStep } from './test/read-reports.mjs'
import { idsOf, trace } from './trace.mjs'

let folder
beforeAll(() => {
  folder = mkdtempSync('/tmp/mm-reports-')
})
afterAll(() => rmSync(folder, { recursive: true }))

const step = (report, json, status = 0) => {
  writeFileSync(join(folder, 'step.json'), typeof json === 'string' ? json : JSON.stringify(json))
  return readStep('step', report, status, folder)
}
const file = (status, ...statuses) => ({
  name: 'a.test.ts',
  status,
  assertionResults: statuses.map((s, n) => ({ fullName: `test ${n}`, status: s })),
})

describe('counting', () => {
  it('sums vitest’s tests and leaves out those that this system can’t run', () => {
    expect(step('vitest', { testResults: [file('passed', 'passed', 'passed', 'skipped')] })).toEqual({
      passed: 2,
      failed: 0,
    })
  })

  it.each([
    ['a failed test', { testResults: [file('failed', 'passed', 'failed')] }, 1, { passed: 1, failed: 1 }],
    [
      'a file that can’t be loaded',
      { testResults: [file('failed'), file('passed', 'passed')] },
      1,
      { passed: 1, failed: 1 },
    ],
    [
      'an error outside of tests',
      { testResults: [file('passed', 'passed')] },
      1,
      { passed: 1, failed: 1, note: 'ended with 1' },
    ],
    ['no test', { testResults: [] }, 0, { passed: 0, failed: 1, note: 'no test in it' }],
    ['half a report', '{"testResults": [', 0, { passed: 0, failed: 1, note: 'no report' }],
    [
      'a dead step',
      '',
      'dead after 5 minutes',
      { passed: 0, failed: 1, note: 'ended with dead after 5 minutes' },
    ],
  ])('counts %s as a failure', (_, json, status, counts) => {
    expect(step('vitest', json, status)).toMatchObject(counts)
  })

  it('keeps the name and the message of what failed', () => {
    const broken = file('failed', 'passed', 'failed')
    broken.assertionResults[1].failureMessages = ['Error: no']
    expect(step('vitest', { testResults: [broken] }, 1).failures).toMatchObject([
      { title: 'test 1', message: 'Error: no' },
    ])
  })

  it('counts a scenario that passed only at a second try as failed', () => {
    const specs = ['expected', 'flaky', 'unexpected', 'skipped'].map((status) => ({
      title: status,
      tags: [],
      tests: [{ status }],
    }))
    const report = { suites: [{ title: 'a', specs: [], suites: [{ title: 'b', specs }] }], errors: [] }
    expect(step('playwright', report, 1)).toMatchObject({ passed: 1, failed: 2 })
  })

  it('counts a check by its status', () => {
    expect([readStep('lint', 'status', 0), readStep('lint', 'status', 2)]).toEqual([
      { passed: 1, failed: 0 },
      { passed: 0, failed: 1, note: 'ended with 2' },
    ])
  })
})

describe('tracing', () => {
  it('reads IDs in brackets and tags, not in prose', () => {
    expect(
      idsOf({ title: 'shares › [SPS-02] [MUX-01, MUX-N1] like ABC-99', tags: ['@SPS-07', 'slow'] }),
    ).toEqual(['SPS-02', 'MUX-01', 'MUX-N1', 'SPS-07'])
  })

  it('tells proved, failed, uncovered and unknown apart', () => {
    const results = [
      { title: '[AAA-01] one', tags: [], passed: true },
      { title: '[AAA-01] [AAA-02] two', tags: [], passed: false },
      { title: 'three', tags: ['AAA-03'], passed: true },
      { title: '[ZZZ-01] four', tags: [], passed: true },
    ]
    const traced = trace(['AAA-01', 'AAA-02', 'AAA-03', 'AAA-04'], results)
    expect(traced.requirements.map(({ id, tests, passed }) => [id, tests.length, passed])).toEqual([
      ['AAA-01', 2, false],
      ['AAA-02', 1, false],
      ['AAA-03', 1, true],
      ['AAA-04', 0, false],
    ])
    expect([traced.uncovered, traced.unknown]).toEqual([['AAA-04'], ['ZZZ-01']])
  })
})

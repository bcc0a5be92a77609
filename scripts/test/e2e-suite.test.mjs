import { expect, it } from 'vitest'
import { promisedScenarios, suiteOf, suiteVersionOf, suiteVersions, writtenScenarios } from './e2e-suite.mjs'

const newest = suiteVersionOf({})

it('[OPS-01] [E2E-06] the newest suite keeps what it promised: a scenario that goes or is renamed is a new version', () => {
  const written = writtenScenarios()
  expect(promisedScenarios(newest).filter((scenario) => !written.includes(scenario))).toEqual([])
})

it('[OPS-01] E2E_SUITE_VERSION is one that ships', () => {
  for (const version of suiteVersions()) expect(suiteVersionOf({ E2E_SUITE_VERSION: version })).toBe(version)
  expect(() => suiteVersionOf({ E2E_SUITE_VERSION: '99' })).toThrow('E2E_SUITE_VERSION must be one of 1')
  expect(() => suiteVersionOf({ E2E_SUITE_VERSION: '../1' })).toThrow('must be one of')
})

it('[OPS-01] a run says which promised scenarios passed; what did not run has not passed', () => {
  const promised = promisedScenarios(newest)
  const results = promised.map((scenario) => ({ title: `a.feature.spec.js › ${scenario}`, passed: true }))
  expect(suiteOf(newest, results)).toEqual({
    ...{ version: newest, promised: promised.length, passed: promised.length, failed: [] },
  })
  const [first = '', second = '', ...others] = promised
  const less = suiteOf(newest, [
    { title: `a.feature.spec.js › ${second} › second example`, passed: false },
    ...others.map((scenario) => ({ title: `a.feature.spec.js › ${scenario}`, passed: true })),
  ])
  expect(less).toMatchObject({ passed: promised.length - 2, failed: [first, second] })
})

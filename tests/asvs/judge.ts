import type { TestResult } from '../../scripts/test/read-reports.mjs'
import { isAimedAt, type Requirement, type State } from './catalogue.ts'
import { requirementsOf } from './tagged-titles.ts'

/** `met` is split by what the last run says of its tests. */
export type Verdict = 'passed' | 'failed' | 'untested' | Exclude<State, 'met'>
export type Judged = Requirement & { verdict: Verdict; tests: { title: string; passed: boolean }[] }
export type Run = {
  results: TestResult[] /** Names of steps to whether they passed. */
  steps: Map<string, boolean>
}

/** Each requirement with the tests of the last run that name it. */
export function judge(catalogue: readonly Requirement[], { results, steps }: Run): Judged[] {
  const named = new Map<string, { title: string; passed: boolean }[]>()
  for (const result of results)
    for (const id of requirementsOf(result))
      named.set(id, [...(named.get(id) ?? []), { title: result.title, passed: result.passed }])
  return catalogue.map((requirement) => {
    const checks = requirement.checks.flatMap((step) => {
      const passed = steps.get(step)
      return passed === undefined ? [] : [{ title: `npm test -- ${step}`, passed }]
    })
    const tests = [...checks, ...(named.get(requirement.id) ?? [])]
    return { ...requirement, tests, verdict: verdictOf(requirement.state, tests) }
  })
}

function verdictOf(state: State, tests: { passed: boolean }[]): Verdict {
  if (tests.some(({ passed }) => !passed)) return 'failed'
  if (state !== 'met') return state
  return tests.length > 0 ? 'passed' : 'untested'
}

/** What may not be: a requirement that is aimed at and is neither shown, nor out of place, nor decided on. */
export const faultsOf = (judged: readonly Judged[]) =>
  judged.filter(
    (one) =>
      one.verdict === 'failed' || (isAimedAt(one) && ['untested', 'open', 'beyond'].includes(one.verdict)),
  )

export type Counts = Record<Verdict | 'all', number>

/** Counts by level; level 3 is told apart by whether it is aimed at. */
export function countByLevel(judged: readonly Judged[]): Record<'L1' | 'L2' | 'L3' | 'L3 beyond', Counts> {
  const count = (mine: readonly Judged[]): Counts => {
    const of = (verdict: Verdict) => mine.filter((one) => one.verdict === verdict).length
    return {
      ...{ all: mine.length, passed: of('passed'), 'not-applicable': of('not-applicable') },
      ...{ operator: of('operator'), accepted: of('accepted'), failed: of('failed') },
      ...{ untested: of('untested'), open: of('open'), beyond: of('beyond') },
    }
  }
  return {
    L1: count(judged.filter(({ level }) => level === 1)),
    L2: count(judged.filter(({ level }) => level === 2)),
    L3: count(judged.filter((one) => one.level === 3 && isAimedAt(one))),
    'L3 beyond': count(judged.filter((one) => !isAimedAt(one))),
  }
}

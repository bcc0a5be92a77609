import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { attestationOf } from './attestation.ts'
import { chapterOf, isAimedAt, type Requirement, ROOT, readCatalogue } from './catalogue.ts'
import { cycloneDx } from './cyclone-dx.ts'
import { countByLevel, faultsOf, judge } from './judge.ts'
import { requirementsOf, taggedFiles } from './tagged-titles.ts'

const catalogue = readCatalogue()
const byId = new Map(catalogue.map((one) => [one.id, one]))

/** Written apart, so that no tag of this file's examples counts as one of a test. */
const tag = (id: string) => `[${'ASVS'}-${id}]`

describe('the catalogue', () => {
  it('has every requirement of the standard once, in its order, at its level', () => {
    const number = (id: string) => id.split('.').reduce((sum, part) => sum * 100 + Number(part), 0)
    const ids = catalogue.map(({ id }) => number(id))
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b))
    const levels = Map.groupBy(catalogue, ({ level }) => level)
    expect([1, 2, 3].map((level) => levels.get(level as 1)?.length)).toEqual([70, 183, 92])
    // By chapter, V1 to V17.
    const chapters = [...Map.groupBy(catalogue, chapterOf).values()].map((chapter) => chapter.length)
    expect(chapters).toEqual([30, 13, 31, 16, 13, 47, 19, 13, 7, 36, 24, 12, 21, 13, 21, 17, 12])
  })

  it('gives a reason wherever it claims no proof, and a duty wherever it is the operator’s', () => {
    const silent = catalogue.filter(({ state, how, duty }) =>
      state === 'operator' ? duty === '' : state !== 'open' && how === '',
    )
    expect(silent.map(({ id }) => id)).toEqual([])
    expect(catalogue.filter((one) => isAimedAt(one) && one.state === 'beyond')).toEqual([])
  })

  it('claims no test that does not stand in the tree, and knows every one that names a requirement', () => {
    const tagged = taggedFiles()
    const proved = catalogue.filter(({ state }) => state === 'met')
    expect(proved.filter(({ id, checks }) => !tagged.has(id) && !checks.length).map(({ id }) => id)).toEqual(
      [],
    )
    const strangers = [...tagged].filter(([id]) => {
      const state = byId.get(id)?.state
      return state === undefined || state === 'not-applicable' || state === 'beyond'
    })
    expect(strangers).toEqual([])
  })

  it('names only steps that npm test has', () => {
    const script = readFileSync(`${ROOT}scripts/test.mjs`, 'utf8')
    const steps = new Set(catalogue.flatMap(({ checks }) => checks))
    expect([...steps].filter((step) => !script.includes(`name: '${step}'`))).toEqual([])
  })
})

const one = (id: string, more: Partial<Requirement> = {}): Requirement => ({
  ...{ id, level: 2, state: 'met', requirement: `What ${id} asks`, how: 'So.', checks: [], duty: '' },
  ...more,
})
const result = (title: string, passed = true, tags: string[] = []) => ({ title, tags, passed })

describe('the verdict', () => {
  it('reads IDs in brackets and tags, not in prose', () => {
    const prose = `like ${'ASVS'}-9.9.9`
    expect(requirementsOf(result(`${tag('1.2.3')} [X-01] ${prose}`, true, [`@${'ASVS'}-4.5.6`]))).toEqual([
      '1.2.3',
      '4.5.6',
    ])
  })

  it('tells passed, failed and untested apart, and takes a step for a test', () => {
    const requirements = [
      one('1.1.1'),
      one('1.1.2'),
      one('1.2.1'),
      one('1.2.2', { checks: ['lint'] }),
      one('1.2.3', { checks: ['types'] }),
      one('1.2.4', { state: 'operator', duty: 'See to it.' }),
    ]
    const results = [
      result(`${tag('1.1.1')} a`),
      result(`${tag('1.1.2')} b`),
      result(`${tag('1.1.2')} c`, false),
    ]
    const judged = judge(requirements, { results, steps: new Map([['lint', true]]) })
    expect(judged.map(({ verdict }) => verdict)).toEqual([
      ...['passed', 'failed', 'untested', 'passed', 'untested', 'operator'],
    ])
    expect(faultsOf(judged).map(({ id }) => id)).toEqual(['1.1.2', '1.2.1', '1.2.3'])
  })

  it('asks level 3 for sessions, authorisation, tokens and logs alone', () => {
    const requirements = ['7.1.1', '8.1.1', '9.1.1', '16.1.1', '6.1.1'].map((id) =>
      one(id, { level: 3, state: 'open' }),
    )
    const judged = judge(requirements, { results: [], steps: new Map() })
    expect(faultsOf(judged).map(({ id }) => id)).toEqual(['7.1.1', '8.1.1', '9.1.1', '16.1.1'])
    expect(countByLevel(judged)).toMatchObject({ L3: { open: 4 }, 'L3 beyond': { open: 1 } })
  })
})

it('the attestation is valid by CycloneDX 1.6, and claims only what passed', () => {
  const results = catalogue
    .filter(({ state }) => state === 'met')
    .map(({ id }) => result(`${tag(id)} works`, id !== '7.3.1'))
  const judged = judge(catalogue, { results, steps: new Map() })
  const made = attestationOf({
    ...{ judged, version: '1.0.0', at: new Date('2026-11-22T00:00:00Z') },
    serial: '3e671687-395b-41f5-a30f-a58921a69b79',
  })
  const validate = cycloneDx()
  expect([validate(made), validate.errors]).toEqual([true, null])
  const text = JSON.stringify(made)
  expect(text).toContain('"claim-7.3.2"')
  expect(text).not.toContain('"claim-7.3.1"')
  expect(validate({ ...made, declarations: { claims: [{ proof: 1 }] } })).toBe(false)
})

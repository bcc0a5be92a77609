import { expect, it } from 'vitest'
import { planStages, runStages } from './plan-stages.mjs'

const SHARED = [
  [['types'], ['lint', 'pages']],
  [['db'], ['conformance']],
]
const steps = ['types', 'lint', 'unit', 'db', 'conformance', 'pages', 'e2e'].map((name) => ({ name }))
const named = (names) => steps.filter(({ name }) => names.includes(name))
const plan = (chosen) =>
  planStages(chosen, SHARED).map((stage) => stage.map((lane) => lane.map(({ name }) => name)))

it('each step runs once, beside those it shares its stage with, and alone otherwise', () => {
  expect(plan(steps)).toEqual([
    [['types'], ['lint', 'pages']],
    [['unit']],
    [['db'], ['conformance']],
    [['e2e']],
  ])
  expect(plan(named(['conformance', 'e2e', 'pages']))).toEqual([[['conformance']], [['pages']], [['e2e']]])
})

it('a stage of nothing but real steps: none is named that does not exist', () => {
  const all = planStages(steps.concat([{ name: 'dependencies' }, { name: 'structure' }, { name: 'unused' }]))
  expect(all.flat(2)).toHaveLength(10)
})

it('tells each step whole and by turns, whichever ends first; the next stage begins when all are through', async () => {
  // Those told first end last.
  const after = { types: 'pages', db: 'conformance' }
  const done = new Map(steps.map(({ name }) => [name, Promise.withResolvers()]))
  const told = []
  const begun = []
  const run = async ({ name }, live) => {
    begun.push(name)
    await done.get(after[name])?.promise
    done.get(name).resolve()
    return live
  }
  await runStages(planStages(steps, SHARED), run, ({ name }, result, live) => {
    expect(result).toBe(live)
    told.push(`${name}${live ? ' live' : ''}`)
  })
  expect(told).toEqual(['types live', 'lint', 'pages', 'unit live', 'db live', 'conformance', 'e2e live'])
  expect(begun).toEqual(['types', 'lint', 'pages', 'unit', 'db', 'conformance', 'e2e'])
})

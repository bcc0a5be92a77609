import type { Cell, Matrix } from './walk.ts'

export type MatrixReport = {
  cells: number
  wrongAllows: number
  wrongDenies: number
  /** By whoever asked. */
  people: { who: string; cells: number; allowed: number }[]
  /** Cells whose answer was neither a yes nor a no. */
  broken: number
  /** Operations of the registry that nobody gave an example. */
  withoutExample: string[]
  wrong: Cell[]
  ok: boolean
}

/** Counts what the walk found. An operation without an example, or an example without its operation, is a failure. */
export function reportOf({ cells, withoutExample, withoutOperation }: Matrix): MatrixReport {
  const wrong = cells.filter(({ expected, actual }) => expected !== actual)
  return {
    cells: cells.length,
    wrongAllows: wrong.filter(({ actual }) => actual === 'allow').length,
    wrongDenies: wrong.filter(({ actual }) => actual === 'deny').length,
    people: [...Map.groupBy(cells, ({ who }) => who)].map(([who, group]) => ({
      who,
      cells: group.length,
      allowed: group.filter(({ actual }) => actual === 'allow').length,
    })),
    broken: wrong.filter(({ actual }) => actual === null).length,
    withoutExample: [...withoutExample, ...withoutOperation.map((action) => `${action} (no such operation)`)],
    wrong,
    ok: cells.length > 0 && wrong.length + withoutExample.length + withoutOperation.length === 0,
  }
}

/** One line an operation and door, a letter for each person and object: `a` allowed, `.` denied, `!` wrong. */
export function drawMatrix(cells: Cell[]): string[] {
  const groups = Map.groupBy(cells, ({ action, door }) => `${action}\0${door}`)
  const people = [...new Set(cells.map(({ who }) => who))]
  const lines = [...groups].map(([key, group]) => {
    const [action = '', door = ''] = key.split('\0')
    const marks = people.map((who) => {
      const mine = group.filter((cell) => cell.who === who)
      return mine.map(mark).join('').padEnd(4)
    })
    return `${action.padEnd(22)} ${marks.join(' ')}  ${door}`
  })
  return [`${'own, other, deleted, shared'.padEnd(22)} ${people.join(' | ')}`, ...lines]
}

function mark({ expected, actual }: Cell): string {
  if (expected !== actual) return '!'
  return actual === 'allow' ? 'a' : '.'
}

import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const FOLDER = `${ROOT}docs/asvs/`

/**
 * How a requirement stands: `met` by what its tests show; `operator` where whoever runs the portal must see to it;
 * `accepted` where it is knowingly not met, with the reason; `beyond` where it is of level 3 and outside of what is
 * aimed at; `open` where it is still to be met.
 */
export const STATES = ['met', 'not-applicable', 'operator', 'accepted', 'beyond', 'open'] as const
export type State = (typeof STATES)[number]

export type Requirement = {
  /** As in OWASP ASVS 5.0.0, for example 7.3.1. */
  id: string
  level: 1 | 2 | 3
  state: State
  /** In our own words; the standard's stand at https://github.com/OWASP/ASVS. */
  requirement: string
  /** How it is met, or why it does not apply. */
  how: string
  /** Steps of `npm test` that prove it beside tests, such as lint. */
  checks: string[]
  /** What the operator must do. */
  duty: string
}

const COLUMNS = ['id', 'level', 'state', 'requirement', 'how', 'checks', 'duty']

/** All requirements of the standard, in its order: one file a chapter in docs/asvs. */
export function readCatalogue(): Requirement[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.tsv'))
    .sort()
    .flatMap((name) => readChapter(name, readFileSync(FOLDER + name, 'utf8')))
}

function readChapter(name: string, text: string): Requirement[] {
  const [head, ...lines] = text.replace(/\n$/, '').split('\n')
  if (head !== COLUMNS.join('\t')) throw new Error(`${name}: the columns are ${COLUMNS.join(', ')}`)
  return lines.map((line) => {
    const cells = line.split('\t')
    const [id = '', level, state, requirement = '', how = '', checks = '', duty = ''] = cells
    const known = STATES.find((candidate) => candidate === state)
    if (cells.length !== COLUMNS.length || !known || !/^[123]$/.test(level ?? ''))
      throw new Error(`${name}: ${line}`)
    return {
      ...{ id, level: Number(level) as 1 | 2 | 3, state: known, requirement, how, duty },
      checks: checks.split(' ').filter(Boolean),
    }
  })
}

export const chapterOf = ({ id }: Pick<Requirement, 'id'>) => Number(id.split('.', 1)[0])

/** Chapters of sessions, authorisation, tokens (self-contained, OAuth) and logging: there level 3 is aimed at too. */
const DEEP: readonly number[] = [7, 8, 9, 10, 16]

/** Whether the product means to meet this requirement: levels 1 and 2, and level 3 in the deep chapters. */
export const isAimedAt = (requirement: Pick<Requirement, 'id' | 'level'>) =>
  requirement.level < 3 || DEEP.includes(chapterOf(requirement))

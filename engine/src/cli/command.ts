import type { ParseArgsOptionsConfig } from 'node:util'
import type { OpenEngine } from './open-engine.ts'

export type Values = Record<string, string | boolean | undefined>

export type Call = {
  /** What stands after the verb. */
  args: string[]
  values: Values
  env: Record<string, string | undefined>
  /** Connects to the database and the storage that the settings name; closed when the verb ends. */
  open(): Promise<OpenEngine>
}

/** `data` is printed with --json, `text` without. */
export type Outcome = { data: unknown; text: string; ok?: boolean }

export type Verb = {
  /** What follows the verb, e.g. `<asset>`; one `<word>` for each argument that it must have. */
  args?: string
  summary: string
  options?: ParseArgsOptionsConfig
  /** Null: it runs on, or has said all. */
  run(call: Call): Promise<Outcome | null>
}

/** One noun of the command line, one file each. A noun with one verb has it under ''. */
export type Noun = { name: string; verbs: Record<string, Verb> }

/** What the person at the terminal can put right; a sentence. */
export class CliError extends Error {
  readonly status: number
  constructor(message: string, status = 1) {
    super(message)
    this.status = status
  }
}

export function wholeNumber(values: Values, name: string, fallback: number): number {
  const text = values[name] ?? String(fallback)
  if (!/^\d{1,6}$/.test(String(text))) throw new CliError(`--${name} must be a whole number.`, 64)
  return Number(text)
}

/** Columns as wide as what is in them; nothing for no rows. */
export function table(head: string[], rows: (string | number | null | undefined)[][]): string {
  const lines = [head, ...rows].map((row) => row.map((cell) => String(cell ?? '')))
  const widths = head.map((_, n) => Math.max(...lines.map((line) => line[n]!.length)))
  return lines
    .map((line) =>
      line
        .map((cell, n) => cell.padEnd(widths[n]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

import { readFileSync } from 'node:fs'
import { ROOT } from './catalogue.ts'

const TEXT = readFileSync(`${ROOT}docs/security.md`, 'utf8')

/** A section of docs/security.md, without its heading. */
export function section(heading: string): string {
  const found = TEXT.split(/^## /m).find((part) => part.startsWith(`${heading}\n`))
  if (!found) throw new Error(`docs/security.md has no section "${heading}"`)
  return found.slice(heading.length).trim()
}

/** The rows of a section's table, cell by cell, without its head. */
export function tableOf(heading: string): string[][] {
  const rows = section(heading)
    .split('\n')
    .filter((line) => line.startsWith('|'))
  return rows.slice(2).map((row) =>
    row
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  )
}

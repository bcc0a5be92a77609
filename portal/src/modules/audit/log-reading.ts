import type { SearchAudit } from './inputs.ts'

/**
 * The shape of a search, as its own event tells it: by what was asked. Codes are told; whom, what and which words are
 * not, so that the log does not gather who was looked for.
 */
export function shapeOf(search: Partial<SearchAudit>): { filters: string[]; continued: boolean } {
  const { action, outcome, cursor, limit: _, ...others } = search
  const named = Object.entries(others).flatMap(([name, value]) => (value === undefined ? [] : [name]))
  const coded = Object.entries({ action, outcome }).flatMap(([name, value]) =>
    value ? [`${name}=${value}`] : [],
  )
  return { filters: [...coded, ...named.sort()], continued: cursor !== undefined }
}

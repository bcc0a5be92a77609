/**
 * How long rows of a table are kept. Named by the module that owns the table; carried out by the one run of retention,
 * which deletes in bounded steps and reports. Names are the code's own, never input.
 */
export type RetentionRule = {
  table: string
  /** In words: what goes, and when. */
  rule: string
  keptDays: number
  /** The instant from which a row's days count. */
  column: string
  /** SQL: only these rows. */
  only?: string
}

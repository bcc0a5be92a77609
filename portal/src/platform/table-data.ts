/** DRR-10: one label set in inventory, events, exports and playbooks; modules/audit/rules.ts says what each stands for. */
export type DataLabel = 'confidential' | 'sensitive' | 'restricted' | 'protected' | 'internal'

/**
 * One table: its label, whom it tells of, and for every column what an erasure does with it. Lists are names with a
 * space between. A column stands in exactly one of them: a test compares them with the database.
 */
export type TableData = {
  /** With its schema where that is not `public`. */
  table: string
  label: DataLabel
  of: 'account' | 'guest' | 'both' | 'nobody'
  holds: string
  /** Goes, mostly with its row. */
  deleted?: string
  /** Stays as a column, with this in the person's place. */
  replaced?: Record<string, string>
  /** What people wrote: addresses and full names of the person are taken out. */
  words?: string
  /** IDs of persons, which name nobody once no account holds a name: the log names people by them too. */
  pseudonyms?: string
  /** Stays, for this reason. */
  kept?: Record<string, string>
  /** Nothing of a person. */
  other?: string
  /** Why the last look of an erasure leaves the table out. */
  unread?: string
}

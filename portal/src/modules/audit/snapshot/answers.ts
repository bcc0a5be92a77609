export type Snapshot = {
  id: string
  incident: string
  reason: string
  from: string
  to: string
  status: 'waiting' | 'working' | 'ready' | 'failed'
  entriesDone: number
  entriesTotal: number | null
  /** First and last leaf; null where the range has none. */
  firstIndex: number | null
  lastIndex: number | null
  bytes: number | null
  /** Of the archive, in hex. */
  sha256: string | null
  failure: string | null
  createdAt: string
}

/** What may be wrong with a share that nobody looks at; the first three are put right at once, the others reported. */
export const STALE_KINDS = [
  'ended_but_open',
  'video_deleted',
  'gone_at_provider',
  'playback_id_missing',
  'owner_gone',
  'never_used',
] as const
export type StaleKind = (typeof STALE_KINDS)[number]

/** Days that a share may live without anybody having opened it. */
export const UNUSED_DAYS = 14

export type StaleFinding = {
  kind: StaleKind
  shares: number
  /** Of these, how many were put right. */
  repaired: number
  /** The first of them. */
  examples: string[]
}

export type ShareCheckReport = {
  findings: StaleFinding[]
  /** When everything was last compared with the video service; null where it never was. */
  comparedAt: string | null
  /** How many videos that met, and of how many of them the service refused to tell. */
  videosCompared: number
  videosUnanswered: number
  /** Ends of links in the last ninety days: taken back here, and ended because the video vanished at the service. */
  revokes: { here: number; elsewhere: number }
}

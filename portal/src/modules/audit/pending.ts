/**
 * The sequencer's horizon: every committed event of a transaction older than `xid` is in the tree.
 * `isForeign` after a restore into another cluster, whose transactions count anew: then nothing is known.
 */
export type Horizon = { xid: string; isForeign: boolean }

/** Condition on `audit_events e`: committed, but not yet in the tree. Bounded by the horizon, so that it stays cheap. */
export function isPending({ xid, isForeign }: Horizon): string {
  if (!/^\d{1,20}$/.test(xid)) throw new TypeError('a transaction ID is a decimal number')
  const missing = 'not exists (select from audit_leaves l where l.seq = e.seq)'
  if (isForeign) return missing
  // Restored events carry transactions of another cluster; the upper bound keeps them out of every later scan.
  return `e.xid >= '${xid}'::xid8 and e.xid < pg_snapshot_xmax(pg_current_snapshot()) and ${missing}`
}

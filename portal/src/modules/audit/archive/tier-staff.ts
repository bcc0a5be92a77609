/** Who tends the tiers of the log beside its own jobs. */
export const TIER_STAFF = {
  role: 'admin' as const,
  groups: ['security' as const, 'compliance' as const],
  system: true as const,
}

/** Who takes requests of persons in. */
export const ERASURE_ASKERS = {
  role: 'admin' as const,
  groups: ['compliance' as const, 'security' as const, 'support' as const],
}

/** Of whom a second one agrees, and who answers for the evidence. */
export const ERASURE_DECIDERS = {
  role: 'admin' as const,
  groups: ['compliance' as const, 'security' as const],
}

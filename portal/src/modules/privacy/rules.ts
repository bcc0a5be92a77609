export const ERASURE_REASONS = ['erasure_request', 'consent_withdrawn', 'retention_over'] as const
export type ErasureReason = (typeof ERASURE_REASONS)[number]

export const VIDEO_FATES = ['transfer', 'delete'] as const

/** How long a browser remembers light or dark. */
export const THEME_DAYS = 365

/** A second person is reminded after so many days. */
export const ERASURE_WAITS_DAYS = 5

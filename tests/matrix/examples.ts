import { ABUSE_EXAMPLES } from './abuse-examples.ts'
import { ACCESS_EXAMPLES } from './access-examples.ts'
import { ACCOUNT_EXAMPLES } from './account-examples.ts'
import type { Example } from './example.ts'
import { LIMIT_EXAMPLES } from './limit-examples.ts'
import { LINK_EXAMPLES } from './link-examples.ts'
import { OPERATING_EXAMPLES } from './operating-examples.ts'
import { PRIVACY_EXAMPLES } from './privacy-examples.ts'
import { REVOCATION_EXAMPLES } from './revocation-examples.ts'
import { SHARE_EXAMPLES } from './share-examples.ts'
import { TIER_EXAMPLES } from './tier-examples.ts'
import { VIDEO_EXAMPLES } from './video-examples.ts'

/** One example input for each operation of the registry, by action: without it the matrix fails. */
export const EXAMPLES: Record<string, Example> = {
  ...ACCOUNT_EXAMPLES,
  ...ACCESS_EXAMPLES,
  ...VIDEO_EXAMPLES,
  ...SHARE_EXAMPLES,
  ...REVOCATION_EXAMPLES,
  ...LINK_EXAMPLES,
  ...LIMIT_EXAMPLES,
  ...ABUSE_EXAMPLES,
  ...OPERATING_EXAMPLES,
  ...TIER_EXAMPLES,
  ...PRIVACY_EXAMPLES,
}

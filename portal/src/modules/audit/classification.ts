import type { AuditEvent } from './event.ts'

/** DRR-10: the label of what an action's area handles. */
const LABEL_OF_AREA: Record<string, AuditEvent['classification']> = {
  video: 'confidential',
  webhook: 'confidential',
  vendor: 'confidential',
  share: 'sensitive',
  revocation: 'sensitive',
  playback: 'sensitive',
  upload: 'sensitive',
  identity: 'sensitive',
  user: 'sensitive',
  organisation: 'sensitive',
  account: 'sensitive',
  'api-key': 'sensitive',
  staff: 'sensitive',
  emergency: 'sensitive',
  viewer: 'sensitive',
  consent: 'sensitive',
  privacy: 'sensitive',
  limit: 'sensitive',
  cost: 'protected',
  analytics: 'internal',
}

/** The label of an event, by the first word of its action; an area that is not listed gets the log's own label. */
export function classificationOf(action: string): AuditEvent['classification'] {
  return LABEL_OF_AREA[action.split('.')[0]!] ?? 'restricted'
}

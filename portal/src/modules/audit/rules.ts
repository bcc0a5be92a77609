/** DRR-10: one label set in inventory, events, exports and playbooks. */
export const CLASSIFICATIONS = ['confidential', 'sensitive', 'restricted', 'protected', 'internal'] as const
export type Classification = (typeof CLASSIFICATIONS)[number]

/** What an auditor's frameworks ask for, and how each names it; the log itself answers the last for every event. */
export const CONTROLS = {
  'SOC 2 CC6.1': 'Logical access: who is who, and what protects the information',
  'SOC 2 CC6.2': 'People are registered and authorised before they get access, and removed when it ends',
  'SOC 2 CC6.3': 'Roles and rights are given, changed and taken back by need',
  'SOC 2 CC6.5': 'Data is removed when it is no longer needed',
  'SOC 2 CC6.6': 'Access from outside is guarded',
  'SOC 2 CC6.7': 'Information that leaves is restricted to those who may have it',
  'SOC 2 CC7.1': 'Changes of configuration are detected',
  'SOC 2 CC7.2': 'Operation is watched for what is unusual',
  'SOC 2 CC7.3': 'Security events are evaluated',
  'SOC 2 CC7.4': 'Incidents are answered',
  'GDPR Art. 30': 'Records of processing: what is disclosed, to whom',
  'GDPR Art. 32': 'Security of processing',
  'APP 11': 'Security and destruction of personal information',
  'ISO 27001 A.8.15': 'Logging',
} as const
export type Control = keyof typeof CONTROLS

const SECURITY = ['SOC 2 CC6.1', 'GDPR Art. 32', 'APP 11'] as const
const PEOPLE = ['SOC 2 CC6.2', 'SOC 2 CC6.3', 'GDPR Art. 32', 'APP 11'] as const
const RIGHTS = ['SOC 2 CC6.3', 'GDPR Art. 32', 'APP 11'] as const
const DISCLOSURE = ['SOC 2 CC6.1', 'SOC 2 CC6.7', 'GDPR Art. 30', 'GDPR Art. 32', 'APP 11'] as const
const OPERATION = ['SOC 2 CC7.1', 'SOC 2 CC7.2', 'GDPR Art. 32'] as const
const CONTENT = ['SOC 2 CC6.1', 'SOC 2 CC6.7', 'GDPR Art. 32'] as const

type Area = { classification: Classification; controls: readonly Control[] }

/** By the first word of an action: the label of what that area handles, and the controls that its events are evidence of. */
export const AREAS: Readonly<Record<string, Area>> = {
  abuse: {
    classification: 'sensitive',
    controls: ['SOC 2 CC6.6', 'SOC 2 CC7.2', 'SOC 2 CC7.3', 'GDPR Art. 32'],
  },
  account: { classification: 'sensitive', controls: SECURITY },
  alert: { classification: 'restricted', controls: ['SOC 2 CC7.2', 'SOC 2 CC7.3', 'SOC 2 CC7.4'] },
  analytics: { classification: 'internal', controls: ['GDPR Art. 30', 'APP 11'] },
  'api-key': { classification: 'sensitive', controls: RIGHTS },
  audit: { classification: 'restricted', controls: ['SOC 2 CC6.1', 'SOC 2 CC7.2', 'GDPR Art. 32'] },
  'audit-access': { classification: 'restricted', controls: RIGHTS },
  emergency: { classification: 'sensitive', controls: [...RIGHTS, 'SOC 2 CC7.4'] },
  identity: { classification: 'sensitive', controls: PEOPLE },
  limit: { classification: 'sensitive', controls: ['SOC 2 CC6.6', 'SOC 2 CC7.2', 'GDPR Art. 32'] },
  notification: { classification: 'sensitive', controls: ['GDPR Art. 30'] },
  organisation: { classification: 'sensitive', controls: PEOPLE },
  page: { classification: 'restricted', controls: ['SOC 2 CC6.1', 'SOC 2 CC6.6', 'SOC 2 CC7.2'] },
  outbox: { classification: 'sensitive', controls: ['GDPR Art. 30', 'GDPR Art. 32'] },
  playback: { classification: 'sensitive', controls: DISCLOSURE },
  privacy: { classification: 'sensitive', controls: ['SOC 2 CC6.5', 'GDPR Art. 30', 'APP 11'] },
  request: { classification: 'restricted', controls: ['SOC 2 CC6.1', 'SOC 2 CC6.6', 'SOC 2 CC7.2'] },
  reconciliation: { classification: 'internal', controls: OPERATION },
  retention: { classification: 'sensitive', controls: ['SOC 2 CC6.5', 'GDPR Art. 30', 'APP 11'] },
  revocation: { classification: 'sensitive', controls: [...RIGHTS, 'SOC 2 CC7.4'] },
  session: { classification: 'sensitive', controls: SECURITY },
  settings: { classification: 'restricted', controls: OPERATION },
  share: { classification: 'sensitive', controls: DISCLOSURE },
  'share-limits': { classification: 'restricted', controls: ['SOC 2 CC6.3', 'SOC 2 CC7.1', 'GDPR Art. 32'] },
  'share-list-view': { classification: 'sensitive', controls: ['SOC 2 CC6.1'] },
  'master-key': { classification: 'restricted', controls: ['SOC 2 CC6.1', 'GDPR Art. 32'] },
  'data-key': { classification: 'restricted', controls: ['SOC 2 CC6.1', 'GDPR Art. 32'] },
  secret: { classification: 'restricted', controls: ['SOC 2 CC6.1', 'GDPR Art. 32'] },
  'signing-key': { classification: 'restricted', controls: ['SOC 2 CC6.1', 'SOC 2 CC7.1', 'GDPR Art. 32'] },
  staff: { classification: 'sensitive', controls: PEOPLE },
  telemetry: { classification: 'internal', controls: OPERATION },
  upload: { classification: 'sensitive', controls: CONTENT },
  user: { classification: 'sensitive', controls: PEOPLE },
  video: { classification: 'confidential', controls: CONTENT },
  viewer: { classification: 'sensitive', controls: ['GDPR Art. 30', 'APP 11'] },
  webhook: { classification: 'confidential', controls: ['SOC 2 CC6.6', 'SOC 2 CC7.2'] },
}

/** How long the entries of a class are kept, in days (ALV-03); leaf hashes and proofs stay. */
export const RETENTION_DAYS = { playback: 365, revocation: 730, standard: 730 } as const
export type RetentionClass = keyof typeof RETENTION_DAYS

const REVOKING = new Set([
  'share.revoke',
  'share.schedule-revoke',
  'share.cancel-schedule',
  'video.revoke-shares',
])

/** The retention class of an action. */
export function retentionOf(action: string): RetentionClass {
  const area = areaOf(action)
  if (area === 'playback') return 'playback'
  return area === 'revocation' || REVOKING.has(action) ? 'revocation' : 'standard'
}

/** What the catalogue of event types says of an action. An area that is not listed gets the log's own label. */
export function eventTypeOf(action: string) {
  const area = AREAS[areaOf(action)]
  const retention = retentionOf(action)
  return {
    action,
    classification: area?.classification ?? ('restricted' as const),
    controls: [...(area?.controls ?? []), 'ISO 27001 A.8.15'] as Control[],
    retention,
    retentionDays: RETENTION_DAYS[retention],
  }
}

function areaOf(action: string): string {
  return action.split('.', 1)[0] ?? ''
}

/** ALV-05: the longest time that a grant to read the log can have. */
export const LOG_ACCESS_MAX_HOURS = 720
/** Who asked waits this long for a second person. */
export const LOG_ACCESS_ASK_HOURS = 72

export const HOUR_MS = 3_600_000
export const DAY_MS = 24 * HOUR_MS

/** Of one forensic snapshot. More would take more than minutes: a longer time is several snapshots. */
export const SNAPSHOT_MOST_ENTRIES = 50_000
/** Then its archive is deleted, as the log's own entries are; its row stays. */
export const SNAPSHOT_KEPT_DAYS = 730

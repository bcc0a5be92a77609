import type { Settings } from '../env.ts'

/**
 * `switch`: on or off. `version`: one of those that ship. `schedule`: how often, or off.
 * `protects`: people are worse off without it, so that it is on unless somebody says otherwise.
 */
export type Flag = { kind: 'switch' | 'version' | 'schedule'; off: string; protects?: true }

/**
 * The flags of operations, with what each one's off state is; a version has none, and says what its oldest is. A flag
 * that changes here changes in staging first (docs/security.md), and each is tested off in flags.db.test.ts.
 */
export const FLAGS = {
  SIGNED_PLAYBACK_ENFORCED: {
    kind: 'switch',
    protects: true,
    off: 'Does not exist: the portal does not start. Every asset is made for signed playback alone, whatever is set.',
  },
  MUX_WEBHOOK_DLQ_ENABLED: {
    kind: 'switch',
    off: 'Dead letters are kept and counted; nothing replays them, neither by itself nor for a person.',
  },
  RETENTION_POLICY_VERSION: { kind: 'version', off: 'Cannot be off: retention always follows a version.' },
  RATE_LIMIT_ENFORCED: {
    kind: 'switch',
    protects: true,
    off: 'Limits are counted, and what they would have done is reported; nobody is refused.',
  },
  AUDIT_SCHEMA_VERSION: { kind: 'version', off: 'Cannot be off: every change leaves an event.' },
  INCIDENT_DRILL_SCHEDULE: { kind: 'schedule', off: 'Nobody is reminded of a drill; drills run as ever.' },
  COST_MONITORING_ENABLED: {
    kind: 'switch',
    off: 'No level of the budget is set, and one that stands throttles nothing.',
  },
  VENDOR_RUNBOOK_VERSION: { kind: 'version', off: 'Cannot be off: alerts lead to one version.' },
  UPLOAD_TELEMETRY_ENABLED: {
    kind: 'switch',
    off: 'Nothing of uploads is counted for metrics; everything else is.',
  },
  ADMIN_SHARE_UI_ENABLED: {
    kind: 'switch',
    off: 'The administrator’s share pages and routes are not found; revoking by command stays.',
  },
  CONSENT_BANNER_ENABLED: {
    kind: 'switch',
    protects: true,
    off: 'Nobody is told or asked, so nothing that needs it is kept: neither what viewers played, nor on their device where they stopped.',
  },
  MINIMAL_ANALYTICS_ENABLED: {
    kind: 'switch',
    off: 'No report of a player is kept, and no viewer is told that one is.',
  },
  E2E_SUITE_VERSION: { kind: 'version', off: 'Cannot be off: a test run is of one version.' },
} as const satisfies { [Name in keyof Settings]?: Flag }

export type FlagName = keyof typeof FLAGS
export const FLAG_NAMES = Object.keys(FLAGS) as FlagName[]

/** What each flag is set to, as text. */
export const flagsOf = (settings: Settings): Record<FlagName, string> =>
  Object.fromEntries(FLAG_NAMES.map((name) => [name, String(settings[name])])) as Record<FlagName, string>

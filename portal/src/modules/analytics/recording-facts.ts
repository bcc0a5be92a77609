import { and, eq, type SQL, sql } from 'drizzle-orm'
import type { Tx } from '#portal/platform/db.ts'
import type { Settings } from '#portal/platform/env.ts'
import { analyticsSettings } from './tables.ts'

/** Version of what the gate says about recording: a new one is counted up whenever more is kept or shown. */
export const NOTICE_VERSION = 1

type SharePart = { organisationId: string; analytics: boolean }
type Switches = Pick<Settings, 'CONSENT_BANNER_ENABLED' | 'MINIMAL_ANALYTICS_ENABLED'>

/** Of nobody who was not told, and of nobody at all where the installation keeps nothing. */
const mayRecord = (settings: Switches) =>
  settings.CONSENT_BANNER_ENABLED && settings.MINIMAL_ANALYTICS_ENABLED

/** The version of the notice that a view of the share begins under; null where nothing is kept for its owner. */
export function noticeFor(share: SharePart, settings: Switches): SQL | null {
  if (!share.analytics || !mayRecord(settings)) return null
  return sql`case when ${isOff(share.organisationId)} then null else ${NOTICE_VERSION}::smallint end`
}

/** Whether what viewers of the share watch is kept for its owner. */
export async function isRecorded(db: Tx, share: SharePart, settings: Switches): Promise<boolean> {
  if (!share.analytics || !mayRecord(settings)) return false
  const off = await db
    .select({ id: analyticsSettings.organisationId })
    .from(analyticsSettings)
    .where(
      and(eq(analyticsSettings.organisationId, share.organisationId), eq(analyticsSettings.recording, false)),
    )
  return off.length === 0
}

const isOff = (organisationId: string) =>
  sql`exists (select 1 from ${analyticsSettings}
    where ${analyticsSettings.organisationId} = ${organisationId} and not ${analyticsSettings.recording})`

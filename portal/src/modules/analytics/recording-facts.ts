import { and, eq, type SQL, sql } from 'drizzle-orm'
import type { Tx } from '#portal/platform/db.ts'
import { analyticsSettings } from './tables.ts'

/** Version of what the gate says about recording: a new one is counted up whenever more is kept or shown. */
export const NOTICE_VERSION = 1

type SharePart = { organisationId: string; analytics: boolean }

/** The version of the notice that a view of the share begins under; null where nothing is kept for its owner. */
export function noticeFor(share: SharePart): SQL | null {
  if (!share.analytics) return null
  return sql`case when ${isOff(share.organisationId)} then null else ${NOTICE_VERSION}::smallint end`
}

/** Whether what viewers of the share watch is kept for its owner. */
export async function isRecorded(db: Tx, share: SharePart): Promise<boolean> {
  if (!share.analytics) return false
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

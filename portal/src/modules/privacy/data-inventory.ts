import { abuseData } from '#portal/modules/abuse/personal-data.ts'
import { accessData } from '#portal/modules/access/personal-data.ts'
import { analyticsData } from '#portal/modules/analytics/personal-data.ts'
import { auditData } from '#portal/modules/audit/personal-data.ts'
import { downloadsData } from '#portal/modules/downloads/personal-data.ts'
import { identityData } from '#portal/modules/identity/personal-data.ts'
import { limitsData } from '#portal/modules/limits/personal-data.ts'
import { notificationsData } from '#portal/modules/notifications/personal-data.ts'
import { playbackData } from '#portal/modules/playback/personal-data.ts'
import { reliabilityData } from '#portal/modules/reliability/personal-data.ts'
import { sharingData } from '#portal/modules/sharing/personal-data.ts'
import { uploadsData } from '#portal/modules/uploads/personal-data.ts'
import { videosData } from '#portal/modules/videos/personal-data.ts'
import { webhooksData } from '#portal/modules/webhooks/personal-data.ts'
import type { TableData } from '#portal/platform/table-data.ts'
import type { ColumnFate } from './answers.ts'
import { engineData } from './engine-data.ts'
import { privacyData } from './personal-data.ts'
import { queueData } from './queue-data.ts'

/** Every table of the portal, of its queue, and of the embedded engine: a test fails where the database has more. */
export const INVENTORY: readonly TableData[] = [
  ...abuseData,
  ...accessData,
  ...analyticsData,
  ...auditData,
  ...downloadsData,
  ...identityData,
  ...limitsData,
  ...notificationsData,
  ...playbackData,
  ...reliabilityData,
  ...sharingData,
  ...uploadsData,
  ...videosData,
  ...webhooksData,
  ...engineData,
  ...privacyData,
  ...queueData,
]

/** Tables that the last look of an erasure does not read; each says why. */
export const UNREAD_TABLES: ReadonlySet<string> = new Set(
  INVENTORY.filter(({ unread }) => unread).map(({ table }) => table),
)

/** The columns of a table, each with its fate. */
export function columnsOf(data: TableData): ColumnFate[] {
  const list = (names: string | undefined, fate: ColumnFate['fate']) =>
    (names?.split(' ') ?? []).map((column) => ({ column, fate, how: null }))
  const told = (columns: Record<string, string> | undefined, fate: ColumnFate['fate']) =>
    Object.entries(columns ?? {}).map(([column, how]) => ({ column, fate, how }))
  return [
    ...list(data.deleted, 'deleted'),
    ...told(data.replaced, 'replaced'),
    ...list(data.words, 'words'),
    ...list(data.pseudonyms, 'pseudonym'),
    ...told(data.kept, 'kept'),
    ...list(data.other, null),
  ]
}

import { and, eq, inArray, isNotNull, sql } from 'drizzle-orm'
import { z } from 'zod'
import { shareFacts, viewerFacts } from '#portal/modules/sharing/sharing-facts.ts'
import type { Actor } from '#portal/platform/context.ts'
import type { Tx } from '#portal/platform/db.ts'
import { read } from '#portal/platform/operation.ts'
import type { ViewingSummary } from './answers.ts'
import { personKey } from './load-viewing.ts'
import { viewerProgress } from './tables.ts'

const ids = z.array(z.string().max(64)).max(100)

/** Watching of up to a hundred videos of the organisation; those that nobody watched are left out. */
export const summariseVideoViewing = read({
  action: 'video.summarise-viewing',
  input: z.strictObject({ videoIds: ids }),
  allow: { role: 'agency' },
  run: ({ db, input, actor }) => summarise(db, actor, 'videoId', input.videoIds),
})

/** The same of shares. */
export const summariseShareViewing = read({
  action: 'share.summarise-viewing',
  input: z.strictObject({ shareIds: ids }),
  allow: { role: 'agency' },
  run: ({ db, input, actor }) => summarise(db, actor, 'id', input.shareIds),
})

async function summarise(
  db: Tx,
  actor: Actor,
  by: 'id' | 'videoId',
  wanted: string[],
): Promise<ViewingSummary[]> {
  if (wanted.length === 0 || actor.kind !== 'user') return []
  const column = shareFacts[by]
  const rows = await db
    .select({
      id: column,
      people: sql<number>`count(distinct ${personKey})::int`,
      lastAt: sql<string>`to_json(max(greatest(${viewerFacts.viewStartedAt}, ${viewerProgress.lastAt})))`,
      fraction: sql<number | null>`avg(${viewerProgress.seenMs}::float8 / ${viewerProgress.durationMs})`,
    })
    .from(shareFacts)
    .innerJoin(viewerFacts, eq(viewerFacts.shareId, shareFacts.id))
    .leftJoin(viewerProgress, eq(viewerProgress.viewerSessionId, viewerFacts.id))
    .where(
      and(
        inArray(column, wanted),
        eq(shareFacts.organisationId, actor.organisationId),
        isNotNull(viewerFacts.viewStartedAt),
      ),
    )
    .groupBy(column)
  return rows.map((row) => ({ ...row, lastAt: new Date(row.lastAt).toISOString() }))
}

import { and, inArray, isNotNull } from 'drizzle-orm'
import { QueryBuilder } from 'drizzle-orm/pg-core'
import { reconciliationFindings, reconciliations } from '../tables.ts'

/** Comparisons with the video service that have come to their end: for others to join on. */
export const comparisonFacts = new QueryBuilder()
  .select({
    id: reconciliations.id,
    provider: reconciliations.provider,
    startedAt: reconciliations.startedAt,
    finishedAt: reconciliations.finishedAt,
    assets: reconciliations.assets,
    asked: reconciliations.videos,
  })
  .from(reconciliations)
  .where(and(inArray(reconciliations.status, ['held', 'done']), isNotNull(reconciliations.finishedAt)))
  .as('comparison_facts')

/** What they found about videos. */
export const differenceFacts = new QueryBuilder()
  .select({
    comparisonId: reconciliationFindings.lastSeenIn,
    kind: reconciliationFindings.kind,
    videoId: reconciliationFindings.videoId,
    state: reconciliationFindings.state,
  })
  .from(reconciliationFindings)
  .where(isNotNull(reconciliationFindings.videoId))
  .as('difference_facts')

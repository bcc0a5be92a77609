import { and, desc, eq, gt, gte, inArray, isNull, lte, or, sql } from 'drizzle-orm'
import { comparisonFacts, differenceFacts } from '#portal/modules/reliability/comparison/comparison-facts.ts'
import type { Tx } from '#portal/platform/db.ts'
import { PROBE_ORGANISATION } from './probe-facts.ts'
import type { ShareCheckReport, StaleFinding, StaleKind } from './share-check-words.ts'
import { shares } from './tables.ts'

const EXAMPLES = 20

/** What the daily comparison calls what the check of shares tells of. */
const KINDS = { asset_gone: 'gone_at_provider', playback_id_missing: 'playback_id_missing' } as const

export type Comparison = Pick<ShareCheckReport, 'comparedAt' | 'videosCompared' | 'videosUnanswered'> & {
  findings: StaleFinding[]
}

type Compared = { startedAt: Date; videoIds: string[] }

/**
 * What the newest comparison with the video service found of videos that had live links, and whether it put that right
 * (MUX-06). It asks the service of nothing itself: the comparison does, once for everything.
 */
export async function readComparison(tx: Tx, provider: 'engine' | 'mux'): Promise<Comparison> {
  const [run] = await tx
    .select()
    .from(comparisonFacts)
    .where(eq(comparisonFacts.provider, provider))
    .orderBy(desc(comparisonFacts.startedAt))
    .limit(1)
  const differences = run
    ? await tx.select().from(differenceFacts).where(eq(differenceFacts.comparisonId, run.id))
    : []
  const tell = async (from: keyof typeof KINDS) => {
    const found = differences.filter(({ kind }) => kind === from)
    const idsOf = (some: typeof found) => some.flatMap(({ videoId }) => videoId ?? [])
    const startedAt = run?.startedAt ?? new Date(0)
    const all = await liveThen(tx, { startedAt, videoIds: idsOf(found) })
    const done = idsOf(found.filter(({ state }) => state === 'done'))
    return finding(KINDS[from], all, done)
  }
  return {
    comparedAt: run?.finishedAt?.toISOString() ?? null,
    videosCompared: run ? run.assets + run.asked : 0,
    videosUnanswered: differences.filter(({ kind }) => kind === 'object_refused').length,
    findings: [await tell('asset_gone'), await tell('playback_id_missing')],
  }
}

type Row = { id: string; videoId: string }

function finding(kind: StaleKind, all: Row[], repairedVideos: string[]): StaleFinding {
  const repaired = all.filter(({ videoId }) => repairedVideos.includes(videoId)).length
  return { kind, shares: all.length, repaired, examples: all.slice(0, EXAMPLES).map(({ id }) => id) }
}

/** Links of these videos that lived when the comparison began; it may have ended some of them. */
async function liveThen(tx: Tx, { startedAt, videoIds }: Compared): Promise<Row[]> {
  if (videoIds.length === 0) return []
  return await tx
    .select({ id: shares.id, videoId: shares.videoId })
    .from(shares)
    .where(
      and(
        inArray(shares.videoId, videoIds),
        lte(shares.createdAt, startedAt),
        gt(shares.expiresAt, startedAt),
        or(isNull(shares.revokedAt), gte(shares.revokedAt, startedAt)),
        sql`${shares.organisationId} <> ${PROBE_ORGANISATION}`,
      ),
    )
    .orderBy(shares.id)
}

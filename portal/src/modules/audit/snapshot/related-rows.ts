import { inArray, or } from 'drizzle-orm'
import { sessionFacts } from '#portal/modules/identity/identity-facts.ts'
import {
  extensionFacts,
  revocationFacts,
  shareFacts,
  viewerFacts,
} from '#portal/modules/sharing/sharing-facts.ts'
import { videoFacts } from '#portal/modules/videos/video-facts.ts'
import { webhookEventFacts } from '#portal/modules/webhooks/webhook-facts.ts'
import type { Db } from '#portal/platform/db.ts'

const NAMED = /"((?:shr|vid|vwr|usr|rvk)_[1-9A-HJ-NP-Za-km-z]{22})"/g
const WEBHOOK = /"target":\{"id":"([^"]+)","type":"webhook[a-z_]*"\}/
const AT_ONCE = 1000

/** IDs that entries name, gathered one entry after the other. */
export function createNamedIds() {
  const ids = new Set<string>()
  const webhooks = new Set<string>()
  return {
    note(entry: string): void {
      for (const [, id] of entry.matchAll(NAMED)) if (id) ids.add(id)
      const webhook = WEBHOOK.exec(entry)?.[1]
      if (webhook) webhooks.add(webhook)
    },
    of: (prefix: 'shr' | 'vid' | 'vwr' | 'usr' | 'rvk') =>
      [...ids].filter((id) => id.startsWith(`${prefix}_`)).sort(),
    webhooks: () => [...webhooks].sort(),
  }
}

export type NamedIds = ReturnType<typeof createNamedIds>

/**
 * State of what the events name, by table: columns that tell what was open to whom and when, and who agreed. Never a token or its hash,
 * an address, a name, a title or a payload: who somebody was is in the entries, under that person's key.
 */
export async function readRelatedRows(db: Db, named: NamedIds): Promise<Record<string, object[]>> {
  const shares = await inSteps(named.of('shr'), (ids) =>
    db.select(SHARE).from(shareFacts).where(inArray(shareFacts.id, ids)),
  )
  const videoIds = [...new Set([...named.of('vid'), ...shares.map(({ videoId }) => videoId)])].sort()
  return {
    shares,
    share_extensions: await inSteps(
      shares.map(({ id }) => id),
      (ids) => db.select().from(extensionFacts).where(inArray(extensionFacts.shareId, ids)),
    ),
    revocations: await inSteps(named.of('rvk'), (ids) =>
      db.select().from(revocationFacts).where(inArray(revocationFacts.id, ids)),
    ),
    videos: await inSteps(videoIds, (ids) =>
      db.select(VIDEO).from(videoFacts).where(inArray(videoFacts.id, ids)),
    ),
    viewer_sessions: await inSteps(named.of('vwr'), (ids) =>
      db.select(VIEWER).from(viewerFacts).where(inArray(viewerFacts.id, ids)),
    ),
    sessions: await inSteps(named.of('usr'), (ids) =>
      db.select().from(sessionFacts).where(inArray(sessionFacts.userId, ids)),
    ),
    webhook_events: await inSteps(named.webhooks(), (ids) =>
      db
        .select()
        .from(webhookEventFacts)
        .where(or(inArray(webhookEventFacts.id, ids), inArray(webhookEventFacts.objectId, ids))),
    ),
  }
}

const { id, videoId, organisationId, createdBy, access, viewsUsed, createdAt } = shareFacts
const { approval, asks, decidedBy, decidedAt } = shareFacts
const { startsAt, expiresAt, revokedAt, revokedBy } = shareFacts
const SHARE = {
  ...{ id, videoId, organisationId, createdBy, access, viewsUsed },
  // Who agreed to what goes beyond the limits.
  ...{ approval, asks, decidedBy, decidedAt },
  ...{ createdAt, startsAt, expiresAt, revokedAt, revokedBy },
}
const VIDEO = {
  id: videoFacts.id,
  status: videoFacts.status,
  provider: videoFacts.provider,
  assetId: videoFacts.assetId,
  deletedAt: videoFacts.deletedAt,
}
const VIEWER = {
  id: viewerFacts.id,
  shareId: viewerFacts.shareId,
  viewStartedAt: viewerFacts.viewStartedAt,
  tokenExpiresAt: viewerFacts.tokenExpiresAt,
  endedAt: viewerFacts.endedAt,
  expiresAt: viewerFacts.expiresAt,
}

async function inSteps<T>(ids: string[], query: (ids: string[]) => PromiseLike<T[]>): Promise<T[]> {
  const rows: T[] = []
  for (let at = 0; at < ids.length; at += AT_ONCE) rows.push(...(await query(ids.slice(at, at + AT_ONCE))))
  return rows
}

import { api } from '#portal/ui/api-client.ts'
import type { AskedRevocation, Reach, RevocationOutcome } from '../answers.ts'
import type { RevokeReason } from './share-words.ts'

/** What is to stop: exactly one of these. */
export type RevokeSelection =
  | { videoId: string }
  /** A person or an organisation. */
  | { ownerId: string }
  /** An address. */
  | { viewer: string }
  | { ids: string[] }

const ADMIN = '/api/admin/share-tokens/revoke'

export const previewRevocation = (selection: RevokeSelection, signal?: AbortSignal) =>
  api<Reach>(`${ADMIN}/preview`, { method: 'POST', body: selection, signal })

export const requestRevocation = (
  selection: RevokeSelection,
  more: { reason: RevokeReason; note?: string; emergency: boolean },
) => api<AskedRevocation | RevocationOutcome>(ADMIN, { method: 'POST', body: { ...selection, ...more } })

export const decideRevocation = (id: string, decision: 'approve' | 'decline', reason: string) =>
  api<RevocationOutcome | { id: string; status: 'declined' }>(
    `/api/admin/revocations/${encodeURIComponent(id)}/${decision}`,
    { method: 'POST', body: { reason } },
  )

export const reviewRevocation = (id: string, verdict: 'confirmed' | 'disputed', reason: string) =>
  api<{ id: string; review: string }>(`/api/admin/revocations/${encodeURIComponent(id)}/review`, {
    method: 'POST',
    body: { verdict, reason },
  })

/** All links of a video of one's own. */
export const revokeVideoShares = (videoId: string, reason: RevokeReason, note: string) =>
  api<Omit<RevocationOutcome, 'review' | 'actedMs' | 'confirmedMs' | 'replacedPlaybackIds' | 'status'>>(
    `/api/videos/${encodeURIComponent(videoId)}/shares/revoke`,
    { method: 'POST', body: { reason, ...(note ? { note } : {}) } },
  )

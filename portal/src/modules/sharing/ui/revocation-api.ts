import { api } from '#portal/ui/api-client.ts'
import type { RevokeReason } from './share-words.ts'

/** What is to stop: exactly one of these. */
export type RevokeSelection =
  | { videoId: string }
  /** A person or an organisation. */
  | { ownerId: string }
  /** An address. */
  | { viewer: string }
  | { ids: string[] }

export type Reach = { shares: number; watching: number }

export type AskedRevocation = Reach & { id: string; status: 'pending_approval'; expiresAt: string }

export type RevocationOutcome = {
  id: string
  status: 'running' | 'done'
  shares: number
  players: number
  confirmed: boolean
  boundSeconds: number
  actedMs: number
  confirmedMs: number | null
  replacedPlaybackIds: number
  review: 'open' | null
}

/** One revoke of many links; the shape of `revocation.list`. */
export type RevocationItem = {
  id: string
  emergency: boolean
  of: 'video' | 'owner' | 'viewer' | 'links'
  name: string | null
  reason: string
  note: string | null
  status: 'pending' | 'running' | 'done' | 'declined' | 'lapsed'
  askedAt: string
  askedByName: string | null
  mine: boolean
  sharesAsked: number
  watchingAsked: number
  now: Reach | null
  decideUntil: string
  decidedByName: string | null
  decidedAt: string | null
  decisionReason: string | null
  sharesStopped: number
  playersStopped: number
  actedAt: string | null
  confirmed: boolean
  replacedPlaybackIds: number
  review: 'open' | 'confirmed' | 'disputed' | null
  reviewedByName: string | null
  reviewedAt: string | null
  reviewReason: string | null
}

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

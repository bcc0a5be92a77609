import { api } from '#portal/ui/api-client.ts'
import type { Explanation, NewShare, ShareDetail } from '../answers.ts'
import type { ShareRequest } from '../inputs.ts'
import type { RevokeReason } from './share-words.ts'

export type Revoked = { id: string; stoppedPlayers: number; confirmed: boolean; boundSeconds: number }

export const makeShare = (videoId: string, share: ShareRequest) =>
  api<NewShare>(`/api/videos/${encodeURIComponent(videoId)}/shares`, { method: 'POST', body: share })

/** A link that opens; its token is told this once. */
export type CollectedShare = Extract<NewShare, { status: 'active' }>

/** The link of an approved share: once. */
export const collectShare = (id: string) =>
  api<CollectedShare>(`/api/shares/${encodeURIComponent(id)}/collect`, { method: 'POST', body: {} })

export const releaseDevice = (id: string) =>
  api<{ id: string; stoppedPlayers: number }>(`/api/shares/${encodeURIComponent(id)}/release-device`, {
    method: 'POST',
    body: {},
  })

export const decideShare = (id: string, decision: 'approve' | 'decline', reason: string) =>
  api<{ id: string; status: 'approved' | 'declined' }>(
    `/api/admin/share-tokens/${encodeURIComponent(id)}/${decision}`,
    { method: 'POST', body: { reason } },
  )

export const explainShare = (id: string, email?: string, signal?: AbortSignal) =>
  api<{ exists: boolean; audiences: Explanation[]; whatIf: Explanation | null }>(
    `/api/shares/${encodeURIComponent(id)}/explain`,
    { method: 'POST', body: email ? { email } : {}, signal },
  )

export const revokeShare = (id: string, reason: RevokeReason, note: string) =>
  api<Revoked>(`/api/shares/${encodeURIComponent(id)}/revoke`, {
    method: 'POST',
    body: { reason, ...(note ? { note } : {}) },
  })

/** Revokes at an instant; the link stays as it is until then. */
export const scheduleRevoke = (id: string, at: string, reason: RevokeReason, note: string) =>
  api<{ id: string; status: 'scheduled'; at: string }>(
    `/api/shares/${encodeURIComponent(id)}/schedule-revoke`,
    { method: 'POST', body: { at, reason, ...(note ? { note } : {}) } },
  )

export const cancelSchedule = (id: string) =>
  api<{ id: string; expiresAt: string }>(`/api/shares/${encodeURIComponent(id)}/schedule-revoke`, {
    method: 'DELETE',
  })

export const changeShare = (id: string, change: { note?: string; analytics?: boolean }) =>
  api<{ note: string | null; analytics: boolean }>(`/api/shares/${encodeURIComponent(id)}`, {
    method: 'PATCH',
    body: change,
  })

export const getShareDetail = (id: string, signal?: AbortSignal) =>
  api<ShareDetail>(`/api/shares/${encodeURIComponent(id)}`, { signal })

/** Who gets in, and why not: the one place that decides, without a database or a clock of its own. */

export type SharePolicy = {
  access: 'link' | 'email' | 'account'
  allow: string[]
  hasPassword: boolean
  maxViews: number | null
  viewsUsed: number
  expiresAt: Date
  revokedAt: Date | null
}

export type VideoState = { deletedAt: Date | null; playbackId: string | null }

/** What one browser has proved towards one share. */
export type ViewerState = {
  /** Verified address (by code, or of the account); null while unproved. */
  email: string | null
  userId: string | null
  passwordPassed: boolean
  viewStarted: boolean
  ended: boolean
  expiresAt: Date
}

export type Need = 'account' | 'email' | 'code' | 'password'

export type RefusalReason =
  | 'revoked'
  | 'expired'
  | 'video_deleted'
  | 'exhausted'
  | 'not_verified'
  | 'not_allowed'
  | 'session_ended'

export type Verdict = { allowed: true; spendsView: boolean } | { allowed: false; reason: RefusalReason }

/** Why a link is dead for everybody, or null while it lives. */
export function deadReason(share: SharePolicy, video: VideoState, now: Date): RefusalReason | null {
  if (share.revokedAt) return 'revoked'
  if (share.expiresAt <= now) return 'expired'
  if (video.deletedAt) return 'video_deleted'
  return null
}

/** What a viewer must still prove before a view may begin, in the order in which it is asked. */
export function remainingNeeds(share: SharePolicy, viewer: ViewerState | null): Need[] {
  const needs: Need[] = []
  if (share.access === 'account' && !viewer?.userId) needs.push('account')
  if (share.access === 'email' && !viewer?.email) needs.push('email', 'code')
  if (share.hasPassword && !viewer?.passwordPassed) needs.push('password')
  return needs
}

/** Whether an address is on the list; an entry that begins with "@" names a whole domain. */
export function isOnAllowList(allow: string[], email: string): boolean {
  if (allow.length === 0) return true
  const domain = email.slice(email.lastIndexOf('@'))
  return allow.includes(email) || allow.includes(domain)
}

/** Whether this viewer may be given a token now, and whether that spends a view. */
export function decide(
  share: SharePolicy,
  video: VideoState,
  viewer: ViewerState | null,
  now: Date,
): Verdict {
  const dead = deadReason(share, video, now)
  if (dead) return { allowed: false, reason: dead }
  if (viewer && (viewer.ended || viewer.expiresAt <= now)) return { allowed: false, reason: 'session_ended' }
  if (remainingNeeds(share, viewer).length > 0) return { allowed: false, reason: 'not_verified' }
  if (share.access !== 'link' && !isOnAllowList(share.allow, viewer?.email ?? ''))
    return { allowed: false, reason: 'not_allowed' }
  if (viewer?.viewStarted) return { allowed: true, spendsView: false }
  const spent = spentReason(share, viewer)
  return spent ? { allowed: false, reason: spent } : { allowed: true, spendsView: true }
}

/** `exhausted` where no view is left for somebody who has not begun one. */
export function spentReason(share: SharePolicy, viewer: ViewerState | null): 'exhausted' | null {
  if (viewer?.viewStarted || share.maxViews === null) return null
  return share.viewsUsed >= share.maxViews ? 'exhausted' : null
}

export const SHARE_STATUSES = ['active', 'watching', 'used_up', 'expired', 'revoked'] as const
export type ShareStatus = (typeof SHARE_STATUSES)[number]

/** The state word of a share in lists. */
export function shareStatus(share: SharePolicy, watching: boolean, now: Date): ShareStatus {
  if (share.revokedAt) return 'revoked'
  if (share.expiresAt <= now) return 'expired'
  if (watching) return 'watching'
  if (share.maxViews !== null && share.viewsUsed >= share.maxViews) return 'used_up'
  return 'active'
}

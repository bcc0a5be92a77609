import type { REVOKE_REASONS } from '#portal/modules/sharing/inputs.ts'
import type { Download, ShareStatus } from '#portal/modules/sharing/rules.ts'
import type { ChipTone } from '#portal/ui/chip.tsx'
import { durationInWords } from '#portal/ui/words.ts'

export type Access = 'link' | 'email' | 'account'
export type RevokeReason = (typeof REVOKE_REASONS)[number]

export const accessWords: Record<Access, string> = {
  email: 'Verified e-mail',
  account: 'Account',
  link: 'Anyone with link',
}

export const reasonWords: Record<RevokeReason, string> = {
  no_longer_needed: 'No longer needed',
  shared_by_mistake: 'Shared by mistake',
  wrong_recipient: 'Went to the wrong person',
  content_changed: 'The content changed',
  security: 'Security',
  incident: 'Part of an incident',
  legal: 'Legal or a request of a person shown',
  erasure: 'A person asked to be erased',
  other: 'Other',
}

/** The words of a recorded reason; those that only the system gives are among them. */
export function reasonInWords(reason: string): string {
  if (reason === 'video_deleted') return 'The video was deleted'
  return reason in reasonWords ? reasonWords[reason as RevokeReason] : reason.replaceAll('_', ' ')
}

/** What viewers may take away. */
export const downloadWords: Record<Download, string> = {
  highest: 'the best picture',
  '1080p': '1080 lines',
  '720p': '720 lines',
  '480p': '480 lines',
  'audio-only': 'sound alone',
}

const ASKS: Record<string, string> = {
  life: 'lives longer than links may',
  access: 'proves less of its viewers than it should',
  password: 'is open to anyone and has no password',
  views: 'allows more views than links may',
  watermark: 'shows no watermark',
}

/** What is unusual about a link that a second person decides on. */
export const askWords = (ask: string) => ASKS[ask] ?? 'goes beyond the limits'

const SOON_MS = 24 * 3_600_000

export type StateChip = { tone: ChipTone; live?: boolean; words: string }

/** The one word for the state of a share. Without `now` (on the server) nothing is counted down. */
export function stateOf(
  share: { status: ShareStatus; expiresAt: string; scheduledReason?: string | null },
  now: number | null,
): StateChip {
  switch (share.status) {
    case 'watching':
      return { tone: 'proof', live: true, words: 'Watching now' }
    case 'revoked':
      return { tone: 'stop', words: 'Revoked' }
    case 'expired':
      return { tone: 'neutral', words: 'Expired' }
    case 'used_up':
      return { tone: 'neutral', words: 'Used up' }
    case 'scheduled':
      return { tone: 'neutral', words: 'Not open yet' }
    case 'pending_approval':
      return { tone: 'warn', words: 'Waits for approval' }
    case 'approved':
      return { tone: 'proof', words: 'Approved, not fetched' }
    case 'declined':
      return { tone: 'stop', words: 'Declined' }
    case 'active':
      return (
        expiringSoon(share.expiresAt, now, share.scheduledReason ? 'Revoke' : 'Expires') ?? {
          tone: 'neutral',
          words: 'Active',
        }
      )
  }
}

/** "Expires in 5 h" in a share's last day; null before. */
export function expiringSoon(
  expiresAt: string,
  now: number | null,
  ends: 'Expires' | 'Revoke' = 'Expires',
): StateChip | null {
  if (now === null) return null
  const left = Date.parse(expiresAt) - now
  if (left <= 0 || left > SOON_MS) return null
  const hours = Math.round(left / 3_600_000)
  return {
    tone: 'warn',
    words: `${ends} in ${hours >= 1 ? `${hours} h` : durationInWords(Math.ceil(left / 60_000) * 60)}`,
  }
}

type Summary = {
  live: number
  watching: number
  nextExpiry: string | null
  lastEnd: 'revoked' | 'expired' | 'used_up' | null
}

/** The state of a video's shares taken together. */
export function stateOfVideo(shares: Summary | undefined, now: number | null): StateChip {
  if (!shares) return { tone: 'neutral', words: 'Not shared' }
  const expiresAt = shares.nextExpiry ?? ''
  if (shares.watching > 0) return stateOf({ status: 'watching', expiresAt }, now)
  if (shares.live > 0) return stateOf({ status: 'active', expiresAt }, now)
  return stateOf({ status: shares.lastEnd ?? 'expired', expiresAt }, now)
}

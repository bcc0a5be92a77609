/** Who gets in, and why not: the one place that decides, without a database or a clock of its own. */

/** How long a viewer can read what was recorded, and how long the portal knows the browser: days after a visit. */
export const VIEWER_MEMORY_DAYS = 30
/** The longest that one proof lets somebody watch. */
export const VIEWER_SESSION_HOURS = 12

export type SharePolicy = {
  access: 'link' | 'email' | 'account'
  /** Addresses and domains ("@example.com") that may watch; empty: nobody is left out. */
  allow: string[]
  /** Addresses and domains that may not, whatever `allow` says. */
  deny: string[]
  hasPassword: boolean
  /** The text that must be accepted; null for none. */
  agreementId: string | null
  /** ISO 3166-1 alpha-2; empty: from anywhere. */
  countries: string[]
  maxViews: number | null
  viewsUsed: number
  maxViewers: number | null
  viewersUsed: number
  /** It opens on the device that began first, and on no other. */
  oneDevice: boolean
  /** That device's key (thumbprint); null until one has begun. */
  deviceKey: string | null
  startsAt: Date | null
  expiresAt: Date
  revokedAt: Date | null
}

export type VideoState = { deletedAt: Date | null; playbackId: string | null }

/** What one browser has proved towards one share, and where it asks from. */
export type ViewerState = {
  /** Verified address (by code, or of the account); null while unproved. */
  email: string | null
  userId: string | null
  passwordPassed: boolean
  /** The agreement that was accepted. */
  agreedTo: string | null
  viewStarted: boolean
  /** This person has begun a view in another browser, and is counted among the viewers. */
  counted: boolean
  /** An administrator has barred this person from every link that asks who they are. */
  barred: boolean
  ended: boolean
  expiresAt: Date
}

/** The moment and place of a request; the country is null where nothing tells it. */
export type Circumstances = {
  now: Date
  country: string | null
  /** Thumbprint of the key that the request proves to hold; absent where it proves none. */
  device?: string | NotAsked
}

/** For a look that lets nobody in, and for classes of people: judged as if on the right device. */
export type NotAsked = typeof NOT_ASKED
export const NOT_ASKED = Symbol('no device is asked for')

/** What viewers may take away: renditions in the video service's own words. */
export const DOWNLOADS = ['highest', '1080p', '720p', '480p', 'audio-only'] as const
export type Download = (typeof DOWNLOADS)[number]

export type Need = 'account' | 'email' | 'code' | 'password' | 'agreement' | 'opening'

export type RefusalReason =
  | 'revoked'
  | 'expired'
  | 'video_deleted'
  | 'session_ended'
  | 'not_verified'
  | 'barred'
  | 'denied'
  | 'not_allowed'
  | 'country'
  | 'device'
  | 'exhausted'
  | 'viewers_exhausted'

export type Verdict = { allowed: true; spendsView: boolean } | { allowed: false; reason: RefusalReason }

type Facts = { share: SharePolicy; video: VideoState; viewer: ViewerState | null } & Circumstances

/** What one rule finds: it holds, something is still to be proved, or it refuses whatever is proved. */
export type Finding = 'holds' | { needs: Need[] } | { refuses: RefusalReason }

const unless = (bad: boolean, refuses: RefusalReason): Finding => (bad ? { refuses } : 'holds')
const need = (missing: boolean, ...needs: Need[]): Finding => (missing ? { needs } : 'holds')

/**
 * Every rule there is, in the order in which it is asked. What cannot be proved away comes first, then what is to be
 * proved, then what depends on who was proved, then what is left to spend.
 */
const RULES = {
  revoked: ({ share }) => unless(share.revokedAt !== null, 'revoked'),
  expiry: ({ share, now }) => unless(share.expiresAt <= now, 'expired'),
  video: ({ video }) => unless(video.deletedAt !== null, 'video_deleted'),
  session: ({ viewer, now }) =>
    unless(viewer !== null && (viewer.ended || viewer.expiresAt <= now), 'session_ended'),
  country: ({ share, country }) =>
    unless(share.countries.length > 0 && !share.countries.includes(country ?? ''), 'country'),
  // Without its address an account could not be held against the lists.
  account: ({ share, viewer }) =>
    need(share.access === 'account' && !(viewer?.userId && viewer.email), 'account'),
  email: ({ share, viewer }) => need(share.access === 'email' && !viewer?.email, 'email', 'code'),
  password: ({ share, viewer }) => need(share.hasPassword && !viewer?.passwordPassed, 'password'),
  agreement: ({ share, viewer }) =>
    need(share.agreementId !== null && viewer?.agreedTo !== share.agreementId, 'agreement'),
  opening: ({ share, now }) => need(share.startsAt !== null && share.startsAt > now, 'opening'),
  barred: ({ share, viewer }) =>
    unless(share.access !== 'link' && viewer?.email != null && viewer.barred, 'barred'),
  deny: ({ share, viewer }) => unless(isNamed(share, share.deny, viewer), 'denied'),
  allow: ({ share, viewer }) =>
    unless(
      share.access !== 'link' && share.allow.length > 0 && !isNamed(share, share.allow, viewer),
      'not_allowed',
    ),
  device: ({ share, device }) => unless(share.oneDevice && !isRightDevice(share, device), 'device'),
  views: ({ share, viewer }) =>
    unless(share.maxViews !== null && !viewer?.viewStarted && share.viewsUsed >= share.maxViews, 'exhausted'),
  viewers: ({ share, viewer }) =>
    unless(
      share.maxViewers !== null &&
        !viewer?.viewStarted &&
        !viewer?.counted &&
        share.viewersUsed >= share.maxViewers,
      'viewers_exhausted',
    ),
} satisfies Record<string, (facts: Facts) => Finding>

export type RuleName = keyof typeof RULES

/** Every rule with what it finds: what `decide` decides by, and what an explanation is made of. */
export function findings(
  share: SharePolicy,
  video: VideoState,
  viewer: ViewerState | null,
  at: Circumstances,
): { rule: RuleName; finding: Finding }[] {
  const facts = { share, video, viewer, ...at }
  return Object.entries(RULES).map(([rule, check]) => ({ rule: rule as RuleName, finding: check(facts) }))
}

/** Whether this viewer may be given a token now, and whether that spends a view. */
export function decide(
  share: SharePolicy,
  video: VideoState,
  viewer: ViewerState | null,
  at: Circumstances,
): Verdict {
  for (const { finding } of findings(share, video, viewer, at)) {
    if (finding === 'holds') continue
    // Nothing is said of a person before they have proved who they are.
    return { allowed: false, reason: 'refuses' in finding ? finding.refuses : 'not_verified' }
  }
  return { allowed: true, spendsView: !viewer?.viewStarted }
}

/** What a viewer must still prove before a view may begin, in the order in which it is asked. */
export function remainingNeeds(
  share: SharePolicy,
  video: VideoState,
  viewer: ViewerState | null,
  at: Circumstances,
): Need[] {
  return findings(share, video, viewer, at).flatMap(({ finding }) =>
    finding !== 'holds' && 'needs' in finding ? finding.needs : [],
  )
}

const FOR_EVERYBODY: RuleName[] = ['revoked', 'expiry', 'video']

/** Why a link is dead for everybody, or null while it lives. */
export function deadReason(share: SharePolicy, video: VideoState, at: Circumstances): RefusalReason | null {
  for (const { rule, finding } of findings(share, video, null, at)) {
    if (FOR_EVERYBODY.includes(rule) && finding !== 'holds' && 'refuses' in finding) return finding.refuses
  }
  return null
}

/**
 * Why nothing that this visitor may still prove would let them in, or null. A visitor who is nobody yet may turn out
 * to be counted among the viewers already, unless the link asks for no address.
 */
export function hopelessReason(
  share: SharePolicy,
  video: VideoState,
  viewer: ViewerState | null,
  at: Circumstances,
): RefusalReason | null {
  const verdict = decide(share, video, viewer, at)
  if (verdict.allowed) return null
  if (verdict.reason !== 'not_verified') return verdict.reason
  const unprovable: RuleName[] = ['views', ...(share.access === 'link' ? (['viewers'] as const) : [])]
  for (const { rule, finding } of findings(share, video, viewer, at)) {
    if (unprovable.includes(rule) && finding !== 'holds' && 'refuses' in finding) return finding.refuses
  }
  return null
}

/** Whether an address is on a list; an entry that begins with "@" names a whole domain. */
export function isOnList(list: string[], email: string): boolean {
  return list.includes(email) || list.includes(email.slice(email.lastIndexOf('@')))
}

/** Whether an address could pass both lists. */
export function mayBeInvited(share: Pick<SharePolicy, 'allow' | 'deny'>, email: string): boolean {
  return !isOnList(share.deny, email) && (share.allow.length === 0 || isOnList(share.allow, email))
}

function isNamed({ access }: SharePolicy, list: string[], viewer: ViewerState | null): boolean {
  return access !== 'link' && viewer?.email != null && isOnList(list, viewer.email)
}

function isRightDevice({ deviceKey }: SharePolicy, device: Circumstances['device']): boolean {
  if (device === NOT_ASKED) return true
  return device !== undefined && (deviceKey === null || device === deviceKey)
}

export const SHARE_STATUSES = [
  'active',
  'watching',
  'scheduled',
  'used_up',
  'expired',
  'revoked',
  'pending_approval',
  'approved',
  'declined',
] as const
export type ShareStatus = (typeof SHARE_STATUSES)[number]

export const SHARE_SORTS = ['created', 'expires', 'used', 'views'] as const
export type ShareSort = (typeof SHARE_SORTS)[number]

export type Approval = 'pending' | 'approved' | 'declined' | 'open'

/** The state word of a share in lists. */
export function shareStatus(
  share: Pick<SharePolicy, 'revokedAt' | 'expiresAt' | 'startsAt' | 'maxViews' | 'viewsUsed'>,
  approval: Approval,
  watching: boolean,
  now: Date,
): ShareStatus {
  if (share.revokedAt) return 'revoked'
  if (approval === 'declined') return 'declined'
  if (share.expiresAt <= now) return 'expired'
  if (approval !== 'open') return approval === 'pending' ? 'pending_approval' : 'approved'
  if (watching) return 'watching'
  if (share.maxViews !== null && share.viewsUsed >= share.maxViews) return 'used_up'
  return share.startsAt && share.startsAt > now ? 'scheduled' : 'active'
}

import type { ViewerRecord as Watched } from '#portal/modules/analytics/answers.ts'
import type { Download, Need, RefusalReason, RuleName, ShareStatus } from './rules.ts'

/** A share as its owner and administrators see it: no token, no viewer's address. */
export type ShareView = {
  id: string
  videoId: string
  videoTitle: string
  organisationId: string
  organisationName: string
  createdBy: string
  createdByName: string | null
  access: 'link' | 'email' | 'account'
  allow: string[]
  deny: string[]
  hasPassword: boolean
  hasAgreement: boolean
  countries: string[]
  watermark: boolean
  oneDevice: boolean
  /** When a device took the link; null while none has. */
  deviceBoundAt: string | null
  download: Download | null
  note: string | null
  status: ShareStatus
  watchingNow: number
  viewsUsed: number
  maxViews: number | null
  viewersUsed: number
  maxViewers: number | null
  /** Limits that it goes beyond, and why it should; empty and null for most. */
  asks: string[]
  reason: string | null
  createdAt: string
  startsAt: string | null
  expiresAt: string
  /** Why it is to be revoked at `expiresAt`; null where no revoke is scheduled. */
  scheduledReason: string | null
  lastUsedAt: string | null
  /** Whether the parts that are watched are kept for the owner. */
  analytics: boolean
  revokedAt: string | null
  revokeReason: string | null
  region: string
}

export type ShareViewer = {
  id: string
  startedAt: string
  renewals: number
  watching: boolean
  endedAt: string | null
  /** Milliseconds from the revoke to the black picture, as the viewer's page reported it. */
  blackAfterMs: number | null
}

export type ShareDetail = ShareView & {
  viewers: ShareViewer[]
  /** Who agreed to a share beyond the limits, or declined it. */
  decidedByName: string | null
  decidedAt: string | null
  /** Viewers whose address is kept, sealed, and the instant after which it is erased. */
  personalData: { viewers: number; erasedAfter: string }
}

/** The token is shown this once; a share that waits for a second person has none yet. */
export type NewShare =
  | { id: string; status: 'active'; token: string; url: string; expiresAt: string }
  | { id: string; status: 'pending_approval'; expiresAt: string; asks: string[] }

/** Done at once, or waits for a second person; the link itself stays the same. */
export type Extended =
  | { id: string; status: 'extended'; expiresAt: string; maxViews: number | null }
  | { id: string; status: 'pending_approval'; extensionId: string; asks: string[] }

export type AskedExtension = {
  id: string
  shareId: string
  videoTitle: string
  organisationName: string
  askedByName: string | null
  expiresAt: string
  maxViews: number | null
  asks: string[]
  reason: string
  askedAt: string
}

/** A person, or a class of people, who may try a link. */
export type Audience =
  | { kind: 'anyone_with_link' }
  | { kind: 'any_address' }
  | { kind: 'any_account' }
  | { kind: 'domain'; domain: string }
  | { kind: 'address'; address: string }

/** Whether an audience would be let in after proving all that it is asked for, and by which rules. */
export type Explanation = {
  audience: Audience
  wouldWatch: boolean
  /** Why not; null where they would. */
  refusal: RefusalReason | null
  /** What they must prove first, in the order in which it is asked. */
  mustProve: Need[]
  /** Each rule that speaks of this audience, and whether it holds for them. */
  rules: { rule: RuleName; holds: boolean }[]
  /** Addresses and domains of this class that are left out. */
  except: string[]
}

export type Reach = {
  /** Live links that would end; for a viewer: links on which they have a session. */
  shares: number
  /** Open players that would go black. */
  watching: number
}

export type AskedRevocation = {
  id: string
  status: 'pending_approval'
  shares: number
  watching: number
  /** Unless somebody decides before. */
  expiresAt: string
}

export type RevocationOutcome = {
  id: string
  /** `running`: a job goes on with what is left. */
  status: 'running' | 'done'
  shares: number
  players: number
  /** The video service has confirmed that every playback ended. */
  confirmed: boolean
  /** Seconds for which media that was allowed before may stay reachable on this video service. */
  boundSeconds: number
  /** From the request to the commit of the last share. */
  actedMs: number
  /** From the request to the video service's confirmation; null where it is still to come. */
  confirmedMs: number | null
  /** Videos that lie at a new playback ID, so that nothing that was issued for the old one opens. */
  replacedPlaybackIds: number
  review: 'open' | null
}

export type RevocationView = {
  id: string
  emergency: boolean
  of: 'video' | 'owner' | 'viewer' | 'links'
  /** Title, person or organisation; null for a viewer and for links. */
  name: string | null
  reason: string
  note: string | null
  status: 'pending' | 'running' | 'done' | 'declined' | 'lapsed'
  askedAt: string
  askedByName: string | null
  /** Whoever reads this has asked for it, and can't be the second person. */
  mine: boolean
  sharesAsked: number
  watchingAsked: number
  /** What it would stop now; null once it is decided. */
  now: { shares: number; watching: number } | null
  decideUntil: string
  decidedByName: string | null
  decidedAt: string | null
  decisionReason: string | null
  sharesStopped: number
  playersStopped: number
  actedAt: string | null
  /** Every playback that it stopped is confirmed by the video service. */
  confirmed: boolean
  replacedPlaybackIds: number
  review: 'open' | 'confirmed' | 'disputed' | null
  reviewedByName: string | null
  reviewedAt: string | null
  reviewReason: string | null
}

export type OpenedLink = {
  access: 'link' | 'email' | 'account'
  needs: Need[]
  watching: boolean
  /** When it begins to open, where `needs` names the opening. */
  opensAt: string | null
  /** The text to accept, where `needs` names the agreement. */
  agreement: AgreementText | null
  /** Where nothing else is asked for, but the video does not play yet. */
  preparing: { percent: number | null } | null
  /** What is watched is kept for the owner: the page says so before Watch. */
  recorded: boolean
  /** The page asks what it may keep; where it does not, nothing is kept that needs a yes, here or on the device. */
  asked: boolean
  /** It opens on the device that begins first: the page must prove its own at each step. */
  oneDevice: boolean
}

/** What a browser is told of a link before it proves anything. */
export type LinkGate = OpenedLink & { signIn: OtherSignIn | null }

/** The way to sign in on another service's page, where one is configured. */
export type OtherSignIn = {
  path: string
  name: string
  /** Everybody signs in there, but perhaps the first administrator. */
  only: boolean
  /** Sign-in by password exists, too. */
  form: boolean
}

export type AgreementText = { id: string; version: number; text: string }

/** One thing that is kept of a viewer, in their words. */
export type KeptThing = { what: string; why: string; howLong: string }

/** Everything that is kept of one browser on one link. */
export type ViewerRecord = {
  link: { id: string; title: string | null; sharedBy: string; endsAt: string; endedAt: string | null }
  /** When the viewer objected; null where they did not. */
  objectedAt: string | null
  visits: ViewerVisit[]
  agreement: (AgreementText & { acceptedAt: string }) | null
  /** What is kept, why, and for how long. */
  kept: KeptThing[]
  notIncluded: string[]
}

/** One session of this browser: twelve hours at most. */
export type ViewerVisit = {
  /** The pseudonym by which the audit log knows this visit. */
  pseudonym: string
  firstSeenAt: string
  /** In full while the visit's proof holds, with its middle hidden afterwards: others may use the browser by then. */
  address: string | null
  addressProvedAt: string | null
  signedIn: boolean
  passwordGivenAt: string | null
  viewStartedAt: string | null
  /** How often the player renewed its access. */
  renewals: number
  accessUntil: string | null
  endedAt: string | null
  blackAt: string | null
  /** When the browser last proved to be the one device of the link. */
  deviceProvedAt: string | null
  /** How the video was watched, as its owner sees it; null where nothing is kept. */
  watched: Watched | null
}

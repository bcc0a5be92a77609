import type { Audience, Explanation } from './answers.ts'
import {
  type Circumstances,
  decide,
  findings,
  isOnList,
  NOT_ASKED,
  type RuleName,
  remainingNeeds,
  type SharePolicy,
  type VideoState,
  type ViewerState,
} from './rules.ts'

type Share = { policy: SharePolicy; video: VideoState }

/** What an address has done on a link before, and whether it is barred from all. */
export type KnownVisitor = { viewStarted: boolean; counted: boolean; barred: boolean }

/**
 * Everybody who would be let in, or is named but would not: the classes of a share, each judged by `decide` itself.
 * `barred`: which of the named addresses are barred from all links.
 */
export function explainShare(
  share: Share,
  at: Circumstances,
  barred: ReadonlySet<string> = new Set(),
): Explanation[] {
  return audiencesOf(share.policy).map((audience) =>
    explainAudience(
      share,
      audience,
      at,
      audience.kind === 'address' && barred.has(audience.address) ? BARRED : null,
    ),
  )
}

const BARRED: KnownVisitor = { viewStarted: false, counted: false, barred: true }

/** The classes of people that a share's policy speaks of. */
export function audiencesOf({ access, allow }: Pick<SharePolicy, 'access' | 'allow'>): Audience[] {
  if (access === 'link') return [{ kind: 'anyone_with_link' }]
  if (allow.length === 0) return [{ kind: access === 'account' ? 'any_account' : 'any_address' }]
  return allow.map((entry) =>
    entry.startsWith('@') ? { kind: 'domain', domain: entry } : { kind: 'address', address: entry },
  )
}

/**
 * What would happen if this audience came now: the same rules that enforce, put to a visitor who has proved all that
 * can be proved. `known` is what the address has done on the link before.
 */
export function explainAudience(
  { policy, video }: Share,
  audience: Audience,
  at: Circumstances,
  known: KnownVisitor | null,
): Explanation {
  const visitor = provedVisitor(policy, audience, at, known)
  const verdict = decide(policy, video, visitor, here(policy, at))
  return {
    audience,
    // Not open yet is no refusal: they would be let in once it opens.
    wouldWatch: verdict.allowed,
    refusal: verdict.allowed || verdict.reason === 'not_verified' ? null : verdict.reason,
    mustProve: remainingNeeds(policy, video, null, here(policy, at)),
    rules: findings(policy, video, visitor, here(policy, at))
      .filter(({ rule }) => speaks(policy, visitor, rule))
      .map(({ rule, finding }) => ({ rule, holds: finding === 'holds' })),
    except: exceptionsOf(policy, audience),
  }
}

/** Whether an explanation speaks of this address; null: of a visitor who proves none. */
export function covers({ audience, except }: Explanation, email: string | null): boolean {
  if (email !== null && isOnList(except, email)) return false
  if (audience.kind === 'domain') return email !== null && isOnList([audience.domain], email)
  if (audience.kind === 'address') return email === audience.address
  return audience.kind === 'anyone_with_link' || email !== null
}

/** A visitor with every proof that a share can ask for. */
export function provedVisitor(
  policy: SharePolicy,
  audience: Audience,
  at: Circumstances,
  known: KnownVisitor | null,
): ViewerState {
  return {
    email: addressOf(audience),
    userId: policy.access === 'account' ? 'somebody' : null,
    passwordPassed: true,
    agreedTo: policy.agreementId,
    viewStarted: known?.viewStarted ?? false,
    counted: known?.counted ?? false,
    barred: known?.barred ?? false,
    ended: false,
    expiresAt: new Date(at.now.getTime() + 1),
  }
}

// No mailbox can be called so: a list entry never names it by chance.
const NOBODY_IN_PARTICULAR = '(anyone)'

function addressOf(audience: Audience): string | null {
  switch (audience.kind) {
    case 'anyone_with_link':
      return null
    case 'domain':
      return `${NOBODY_IN_PARTICULAR}${audience.domain}`
    case 'address':
      return audience.address
    default:
      return `${NOBODY_IN_PARTICULAR}@${NOBODY_IN_PARTICULAR}`
  }
}

// A class of people comes from anywhere, on anything: judged as if from where, and on what, the share opens.
function here(policy: SharePolicy, at: Circumstances): Circumstances {
  return { now: at.now, country: at.country ?? policy.countries[0] ?? null, device: NOT_ASKED }
}

function exceptionsOf({ deny }: SharePolicy, audience: Audience): string[] {
  if (audience.kind === 'any_address' || audience.kind === 'any_account') return deny
  if (audience.kind === 'domain') return deny.filter((entry) => entry.endsWith(audience.domain))
  return []
}

/** Whether the policy asks anything by this rule; the others would only fill the page. */
function speaks(policy: SharePolicy, visitor: ViewerState, rule: RuleName): boolean {
  const asked: Partial<Record<RuleName, boolean>> = {
    session: false,
    country: policy.countries.length > 0,
    account: policy.access === 'account',
    email: policy.access === 'email',
    password: policy.hasPassword,
    agreement: policy.agreementId !== null,
    opening: policy.startsAt !== null,
    // Told of an address alone: nobody else can be barred.
    barred: policy.access !== 'link' && visitor.barred,
    deny: policy.deny.length > 0,
    allow: policy.access !== 'link' && policy.allow.length > 0,
    device: policy.oneDevice,
    views: policy.maxViews !== null,
    viewers: policy.maxViewers !== null,
  }
  return asked[rule] ?? true
}

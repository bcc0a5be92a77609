/**
 * The declared rules of abuse. What is noticed, by whom it is counted and at which doors an answer holds is declared here;
 * numbers, action and mode of each rule are staff's to change.
 */

/** What doors notice. */
export const SIGNALS = {
  'sign-in-refused': 'a sign-in that was refused',
  'code-refused': 'a wrong code',
  'account-asked': 'a code or a reset asked for an account',
  'link-refused': 'a link that does not open, whether it ended or never was',
  'link-password-refused': 'a wrong password of a link',
  'link-begun': 'a link that began to play',
  'media-refused': 'media asked for with a token that does not hold',
  'upload-begun': 'an upload begun',
  'webhook-refused': 'a webhook that nobody signed',
} as const
export type Signal = keyof typeof SIGNALS

/** By what a rule counts. All but `portal` stand as keyed hashes; a source is one IPv4 address, or the /64 of an IPv6. */
export const ABUSE_SUBJECTS = {
  source: 'source',
  network: 'network',
  account: 'account',
  link: 'link',
  user: 'person',
  portal: 'whole portal',
} as const
export type AbuseSubject = keyof typeof ABUSE_SUBJECTS

/** What a rule counts of them: each time, or different accounts or links. */
export type Counted = 'tries' | 'accounts' | 'links'

/** Where an answer holds; everything else stays open to the same subject. A rule without any only tells. */
export type Door = 'sign-in' | 'gate' | 'link' | 'upload'

export const ABUSE_ACTIONS = {
  none: 'only told',
  slow: 'one request each half minute',
  challenge: 'a proof of work first',
  block: 'refused for a while',
} as const
export type AbuseAction = keyof typeof ABUSE_ACTIONS

export type AbuseNumbers = {
  threshold: number
  windowSeconds: number
  /** How long the answer lasts; doubled each time that it comes again within a day, to a day at most. */
  lastsSeconds: number
  action: AbuseAction
  alert: boolean
  mode: 'enforce' | 'monitor'
}
export type AbuseRule = AbuseNumbers & {
  title: string
  signal: Signal
  by: AbuseSubject
  counts: Counted
  doors: readonly Door[]
}

type Declared = Pick<AbuseRule, 'title' | 'signal' | 'by' | 'doors'> & Partial<AbuseRule>

const rule = (declared: Declared, threshold: number, windowSeconds: number): AbuseRule => ({
  counts: 'tries',
  lastsSeconds: 900,
  action: 'block',
  alert: true,
  mode: 'enforce',
  ...declared,
  threshold,
  windowSeconds,
})

/**
 * Thresholds lie where people do not come: whoever mistypes thrice and then signs in takes their tries back, whoever shares
 * an address with a thousand others tries no twelve accounts in vain, and mail scanners open few links that ended.
 */
export const DEFAULT_ABUSE_RULES = {
  'credential-stuffing': rule(
    {
      title: 'Passwords tried at many accounts',
      ...{ signal: 'sign-in-refused', by: 'source', counts: 'accounts', doors: ['sign-in'] },
    },
    12,
    600,
  ),
  'credential-stuffing-network': rule(
    {
      title: 'Passwords tried at many accounts from one network',
      ...{ signal: 'sign-in-refused', by: 'network', counts: 'accounts', doors: ['sign-in'] },
      action: 'challenge',
    },
    40,
    600,
  ),
  'credential-stuffing-spread': rule(
    {
      title: 'Passwords tried at many accounts from everywhere',
      ...{ signal: 'sign-in-refused', by: 'portal', counts: 'accounts', doors: ['sign-in'] },
      action: 'challenge',
    },
    150,
    600,
  ),
  'password-guessing': rule(
    {
      title: 'Many passwords tried at one account',
      ...{ signal: 'sign-in-refused', by: 'account', doors: ['sign-in'] },
      action: 'challenge',
    },
    10,
    900,
  ),
  'code-guessing': rule(
    { title: 'Codes guessed', signal: 'code-refused', by: 'source', doors: ['sign-in', 'gate'] },
    40,
    600,
  ),
  'account-enumeration': rule(
    {
      title: 'Looking for accounts that exist',
      ...{ signal: 'account-asked', by: 'source', counts: 'accounts', doors: ['sign-in'] },
    },
    15,
    600,
  ),
  'share-password-spraying': rule(
    {
      title: 'Passwords tried at many links',
      ...{ signal: 'link-password-refused', by: 'source', counts: 'links', doors: ['gate'] },
    },
    6,
    600,
  ),
  'share-password-guessing': rule(
    {
      title: 'Many passwords tried at one link',
      ...{ signal: 'link-password-refused', by: 'link', doors: ['gate'] },
      action: 'challenge',
    },
    40,
    600,
  ),
  'token-guessing': rule(
    // An old mailbox that is scanned again looks like it: people at the same address get on with a proof of work.
    {
      title: 'Links guessed',
      ...{ signal: 'link-refused', by: 'source', counts: 'links', doors: ['link', 'gate'] },
      action: 'challenge',
    },
    20,
    300,
  ),
  'token-guessing-network': rule(
    {
      title: 'Links guessed from a whole network',
      ...{ signal: 'link-refused', by: 'network', counts: 'links', doors: ['link', 'gate'] },
      action: 'challenge',
    },
    80,
    300,
  ),
  'share-scraping': rule(
    {
      title: 'Many links played by one source',
      ...{ signal: 'link-begun', by: 'source', counts: 'links', doors: ['link'] },
      action: 'challenge',
    },
    60,
    600,
  ),
  'media-guessing': rule(
    // Nothing is gained by a forged token, and to shut an address would stop whoever else watches there.
    { title: 'Media tokens forged', signal: 'media-refused', by: 'source', doors: [], action: 'none' },
    60,
    300,
  ),
  'upload-flood': rule(
    {
      title: 'Uploads begun in a flood',
      ...{ signal: 'upload-begun', by: 'user', doors: ['upload'] },
      action: 'slow',
    },
    30,
    600,
  ),
  'webhook-spoofing': rule(
    // Whoever signs must be let in, whatever comes from beside them; without a signature nothing is gained.
    { title: 'Webhooks forged', signal: 'webhook-refused', by: 'source', doors: [], action: 'none' },
    20,
    300,
  ),
} as const satisfies Record<string, AbuseRule>
export type AbuseRuleName = keyof typeof DEFAULT_ABUSE_RULES
export const ABUSE_RULE_NAMES = Object.keys(DEFAULT_ABUSE_RULES) as AbuseRuleName[]
export type AbuseRules = Readonly<Record<AbuseRuleName, AbuseRule>>

/** The longest window that a rule may be given: signals are kept as long. */
export const LONGEST_WINDOW_SECONDS = 3600
export const LONGEST_ANSWER_SECONDS = 86_400

/** The rules that hold where staff set these numbers; what they set nothing for keeps its default. */
export const abuseRulesWith = (set: Partial<Record<string, AbuseNumbers>>): AbuseRules =>
  Object.fromEntries(
    ABUSE_RULE_NAMES.map((name) => [name, { ...DEFAULT_ABUSE_RULES[name], ...set[name] }]),
  ) as AbuseRules

/** Where two answers meet, the stronger one holds. */
export const STRENGTH: Readonly<Record<AbuseAction, number>> = { none: 0, slow: 1, challenge: 2, block: 3 }

export const SLOW_SECONDS = 30

/**
 * The declared limits. What there is to limit, by whom it is counted, and what happens where the count can't be kept, is
 * declared here; the numbers and the mode of each rule are an administrator's to change.
 */

/** By what a rule counts. Addresses stand as keyed hashes; `network` is the /24 or /64 around one. */
export const LIMIT_SUBJECTS = {
  ip: 'address',
  network: 'network',
  user: 'person',
  key: 'API key',
  share: 'link',
  organisation: 'organisation',
  mailbox: 'e-mail address',
  'ip-share': 'address and link',
} as const
export type LimitSubject = keyof typeof LIMIT_SUBJECTS

/** What a class of routes spends or guards: where the count fails, only `reading` goes on. */
export type Guards = 'cost' | 'credentials' | 'reading'

export const LIMIT_CLASSES = {
  playback: { title: 'Opening and watching links', guards: 'cost' },
  preview: { title: 'Watching one’s own videos', guards: 'cost' },
  progress: { title: 'Reports of the player', guards: 'reading' },
  remind: { title: 'Reminders to viewers', guards: 'cost' },
  gate: { title: 'Answers at the gate of a link', guards: 'credentials' },
  upload: { title: 'Uploads', guards: 'cost' },
  'sign-in': { title: 'Sign-in', guards: 'credentials' },
  password: { title: 'Passwords tried at one account', guards: 'credentials' },
  'second-factor': { title: 'Second factor', guards: 'credentials' },
  mail: { title: 'Mails to one address', guards: 'credentials' },
  join: { title: 'Invitations', guards: 'credentials' },
  'audit-log': { title: 'Reading logs and exports', guards: 'reading' },
  page: { title: 'Pages', guards: 'reading' },
  engine: { title: 'The video engine’s own interface', guards: 'credentials' },
  api: { title: 'Everything else', guards: 'reading' },
} as const satisfies Record<string, { title: string; guards: Guards }>
export type LimitClass = keyof typeof LIMIT_CLASSES

export const ifStoreFails = (name: LimitClass): 'closed' | 'open' =>
  LIMIT_CLASSES[name].guards === 'reading' ? 'open' : 'closed'

/** Guesses at a secret are never made easier for anybody. */
export const takesOverrides = (name: LimitClass) => LIMIT_CLASSES[name].guards !== 'credentials'

/** What weighs more than one request of its class. */
export const COSTS = { export: 60 } as const

export type LimitNumbers = {
  /** Units that come back in a window. */
  quota: number
  windowSeconds: number
  /** Units at once. */
  burst: number
  mode: 'enforce' | 'monitor'
}
export type LimitRule = LimitNumbers & { class: LimitClass; by: LimitSubject }

const rule = (name: LimitClass, by: LimitSubject, quota: number, windowSeconds: number): LimitRule => ({
  class: name,
  by,
  quota,
  windowSeconds,
  burst: quota,
  mode: 'enforce',
})

/** Each rule by the name that callers read in `RateLimit-Policy`. */
export const DEFAULT_RULES = {
  playback: rule('playback', 'ip', 100, 60),
  'playback-network': rule('playback', 'network', 1000, 60),
  'playback-share': rule('playback', 'share', 3000, 60),
  preview: rule('preview', 'user', 100, 60),
  progress: rule('progress', 'ip-share', 240, 60),
  remind: rule('remind', 'user', 60, 3600),
  gate: rule('gate', 'ip-share', 30, 300),
  'gate-network': rule('gate', 'network', 300, 300),
  upload: rule('upload', 'user', 20, 86_400),
  'upload-organisation': rule('upload', 'organisation', 200, 86_400),
  'sign-in': rule('sign-in', 'ip', 20, 300),
  'sign-in-network': rule('sign-in', 'network', 200, 300),
  'sign-in-address': rule('password', 'mailbox', 30, 900),
  // Of a million codes three are right: guessing at this rate takes years.
  'second-factor': rule('second-factor', 'user', 10, 900),
  'mail-address': rule('mail', 'mailbox', 5, 3600),
  'mail-user': rule('mail', 'user', 5, 3600),
  join: rule('join', 'ip', 20, 900),
  'audit-log': rule('audit-log', 'user', 6000, 60),
  // A page asks ahead for those that it links to.
  page: rule('page', 'ip', 3000, 60),
  'page-network': rule('page', 'network', 15_000, 60),
  // By anybody but the portal itself.
  engine: rule('engine', 'ip', 600, 60),
  api: rule('api', 'ip', 600, 60),
  'api-key': rule('api', 'key', 600, 60),
} as const satisfies Record<string, LimitRule>
export type RuleName = keyof typeof DEFAULT_RULES
export const RULE_NAMES = Object.keys(DEFAULT_RULES) as RuleName[]

export type LimitRules = Readonly<Record<RuleName, LimitRule>>

/** The rules that hold where administrators set these numbers; what they set nothing for keeps its default. */
export const rulesWith = (set: Partial<Record<string, LimitNumbers>>): LimitRules =>
  Object.fromEntries(RULE_NAMES.map((name) => [name, { ...DEFAULT_RULES[name], ...set[name] }])) as LimitRules

/** Whole microseconds in which a unit comes back, rounded so that the rate is never exceeded. */
export const emissionUs = ({ quota, windowSeconds }: Pick<LimitNumbers, 'quota' | 'windowSeconds'>) =>
  Math.ceil((windowSeconds * 1e6) / quota)

/** "100 in a minute"; of what is counted: "100 links in a minute" */
export function inWords(
  { quota, windowSeconds }: Pick<LimitNumbers, 'quota' | 'windowSeconds'>,
  what?: string,
): string {
  return `${quota.toLocaleString('en-AU')}${what ? ` ${what}` : ''} in ${spanInWords(windowSeconds)}`
}

const UNITS: [number, string, string][] = [
  [86_400, 'a day', 'days'],
  [3600, 'an hour', 'hours'],
  [60, 'a minute', 'minutes'],
  [1, 'a second', 'seconds'],
]

/** "a minute", "15 minutes" */
export function spanInWords(seconds: number): string {
  const [size, one, many] = UNITS.find(([size]) => seconds % size === 0) ?? [1, 'a second', 'seconds']
  return seconds === size ? one : `${seconds / size} ${many}`
}

export const BUDGET_LEVELS = ['normal', 'warning', 'exhausted'] as const
export type BudgetLevel = (typeof BUDGET_LEVELS)[number]

export type BudgetStep = {
  /** Of the usual number of uploads. */
  uploadPercent: number
  newShares: boolean
  /** Of what begins to play from then on; null for no bound. */
  maxResolution: '720p' | '480p' | null
}

/** What cost-bearing routes give at each level of the budget; warning is 90 % of it. */
export const BUDGET_STEPS: Readonly<Record<BudgetLevel, BudgetStep>> = {
  normal: { uploadPercent: 100, newShares: true, maxResolution: null },
  warning: { uploadPercent: 50, newShares: true, maxResolution: '720p' },
  exhausted: { uploadPercent: 10, newShares: false, maxResolution: '480p' },
}

/** A rule's numbers as the budget's level leaves them. */
export function withinBudget(rule: LimitRule, level: BudgetLevel): LimitRule {
  const { uploadPercent } = BUDGET_STEPS[level]
  if (rule.class !== 'upload' || uploadPercent === 100) return rule
  const part = (units: number) => Math.max(1, Math.floor((units * uploadPercent) / 100))
  return { ...rule, quota: part(rule.quota), burst: part(rule.burst) }
}

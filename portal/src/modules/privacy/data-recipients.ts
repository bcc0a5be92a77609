import { LOG_ACCESS_MAX_HOURS } from '#portal/modules/audit/rules.ts'
import { spanInWords } from '#portal/modules/limits/rules.ts'
import type { Settings } from '#portal/platform/env.ts'
import type { DataReader } from './answers.ts'
import { ERASURE_ASKERS, ERASURE_DECIDERS } from './erasure-staff.ts'

const listed = (words: readonly string[]) => new Intl.ListFormat('en-AU').format(words)

/** People who may read something of others, and what. */
export const READERS: readonly DataReader[] = [
  {
    who: 'Whoever made the link, and their organisation',
    gets: 'That their links were opened or refused, when and how often. Your proved address and the parts that you watched only where you were told before you began; you are a number to them otherwise.',
  },
  {
    who: 'Colleagues in your organisation',
    gets: 'Your name beside the videos and links that you made.',
  },
  {
    who: 'Staff of this portal',
    gets: 'Accounts and links of every organisation, with the addresses that a link names; no password, no code, no key. Videos only in an emergency, for a while, agreed to by a second person.',
  },
  {
    who: `Staff of the groups ${listed(ERASURE_ASKERS.groups)}`,
    gets: `What people ask to have erased. Somebody else of ${listed(ERASURE_DECIDERS.groups)} agrees.`,
  },
  {
    who: 'Readers of the audit log',
    gets: `Its entries, by a grant that a second person agrees to, for ${spanInWords(LOG_ACCESS_MAX_HOURS * 3600)} at most. Each look leaves an entry of its own.`,
  },
]

type Vendors = Pick<
  Settings,
  | 'videoProvider'
  | 'S3_BUCKET'
  | 'S3_ENDPOINT'
  | 'SMTP_URL'
  | 'RESEND_API_KEY'
  | 'CLERK_SECRET_KEY'
  | 'OIDC_ISSUER'
  | 'OIDC_NAME'
  | 'SENTRY_DSN'
  | 'DATABASE_URL'
  | 'REDIS_URL'
>

/** Other companies that this installation works with, and what of people reaches each; what is not set up gets nothing. */
export function recipientsOf(settings: Vendors): DataReader[] {
  const named: [unknown, DataReader][] = [
    [
      settings.videoProvider === 'mux',
      {
        who: 'Mux',
        gets: 'Videos and their titles, which it prepares and plays; from viewers, their network address.',
      },
    ],
    [
      settings.S3_BUCKET,
      {
        who: settings.S3_ENDPOINT ? 'A storage service' : 'Amazon Web Services',
        gets: 'Videos, copies and the older parts of the log; the log encrypted.',
      },
    ],
    [settings.RESEND_API_KEY, { who: 'Resend', gets: 'The mails to you.' }],
    [settings.SMTP_URL, { who: 'A mail service', gets: 'The mails to you.' }],
    [settings.CLERK_SECRET_KEY, { who: 'Clerk', gets: 'Who signs in here, by name and address.' }],
    [settings.OIDC_ISSUER, { who: settings.OIDC_NAME, gets: 'That you sign in here, where you choose it.' }],
    [settings.SENTRY_DSN, { who: 'Sentry', gets: 'Errors of the portal, without names and addresses.' }],
    [settings.DATABASE_URL, { who: 'A database service', gets: 'All that stands above but the videos.' }],
    [settings.REDIS_URL, { who: 'A counting service', gets: 'Counts of limits, by keyed hash.' }],
  ]
  return named.filter(([is]) => is).map(([, recipient]) => recipient)
}

import { SESSION_HOURS } from '#portal/adapters/identity/port.ts'
import { OUTBOX_KEEPS } from '#portal/adapters/mail/port.ts'
import { RETENTION_DAYS, SNAPSHOT_KEPT_DAYS } from '#portal/modules/audit/rules.ts'
import { DOWNLOAD_HOURS } from '#portal/modules/downloads/ask-download.ts'
import { CODE_MINUTES, LINK_MINUTES } from '#portal/modules/identity/account-proofs.ts'
import { INVITATION_DAYS } from '#portal/modules/identity/invite-user.ts'
import { DEFAULT_RULES, spanInWords } from '#portal/modules/limits/rules.ts'
import { NEWS_KEPT_DAYS } from '#portal/modules/notifications/gather-news.ts'
import { VIEWER_MEMORY_DAYS } from '#portal/modules/sharing/rules.ts'

/** On what ground a purpose stands (GDPR, Art. 6). */
export type LawfulBasis = 'contract' | 'legitimate_interests' | 'legal_obligation'

type Category = {
  id: string
  title: string
  /** Of the inventory, with a space between: each table that tells of people is in exactly one category. */
  tables: string
  why: string
  basis: LawfulBasis
  /** How long, beside what the rules of retention say by table. */
  kept: readonly string[]
}

export const inDays = (days: number) => spanInWords(days * 86_400)
export const AFTER_THE_LINK = `${inDays(VIEWER_MEMORY_DAYS)} after the link has ended`
const LONGEST_WINDOW = Math.max(...Object.values(DEFAULT_RULES).map(({ windowSeconds }) => windowSeconds))

/** What a viewer’s own record and this notice both say of the log. */
export const LOG_KEPT = `Entries about watching for ${RETENTION_DAYS.playback} days, all others for ${RETENTION_DAYS.standard} days. Then their text is removed, block by block; hashes stay, which prove that nothing else was.`

/** Every purpose for which the portal keeps something of people, in the order in which people ask. */
export const NOTICE_CATEGORIES: readonly Category[] = [
  {
    id: 'visits',
    title: 'Opening a link',
    tables: 'viewer_sessions viewer_codes',
    why: 'Only those whom the owner chose may watch, views are counted, and the owner must be able to tell whether a link was misused. Your network address and country are looked at and not kept with your visit.',
    basis: 'legitimate_interests',
    kept: [
      `Your address, encrypted, and the account that you used: until ${AFTER_THE_LINK}.`,
      'When you came, proved yourself and watched: as long as the link is kept, from then on under a pseudonym that leads to nobody.',
    ],
  },
  {
    id: 'watching',
    title: 'Which parts you watch',
    tables: 'viewer_progress',
    why: 'The owner sees how their video is watched, where they chose to and you were told before. Nothing of it is kept where you object, or where your browser sends Global Privacy Control.',
    basis: 'legitimate_interests',
    kept: [`Until ${AFTER_THE_LINK}; at once erased when you object.`],
  },
  {
    id: 'copies',
    title: 'Copies of a video that you take',
    tables: 'downloads',
    why: 'A copy is made for you alone, with your watermark where the owner wants one.',
    basis: 'legitimate_interests',
    kept: [
      `The file: ${spanInWords(DOWNLOAD_HOURS * 3600)}, and never longer than the link.`,
      'That one was made: as long as the link is kept, under a pseudonym.',
    ],
  },
  {
    id: 'addressed',
    title: 'Links that name you',
    tables: 'shares share_reminders viewer_bars revocations',
    why: 'Whoever makes a link says whom it lets in and whom not, and may remind them. Staff can keep somebody out of all links.',
    basis: 'legitimate_interests',
    kept: ['With the link, which shows who could watch what, until an erasure takes your address out of it.'],
  },
  {
    id: 'account',
    title: 'Your account',
    tables: 'users members former_addresses invitations notification_preferences',
    why: 'You can work here, and others see who made what.',
    basis: 'contract',
    kept: [
      'As long as you have an account. Deactivating it deletes nothing; erasing it does.',
      `The link of an invitation works for ${inDays(INVITATION_DAYS)}; that you were invited is kept until an erasure.`,
    ],
  },
  {
    id: 'signing-in',
    title: 'Signing in',
    tables: 'sessions accounts verifications totp_factors recovery_codes passkeys account_proofs api_keys',
    why: 'The portal must know that it is you. Passwords, codes and keys are kept as hashes or encrypted; a session holds the name of your browser and system, and no network address.',
    basis: 'contract',
    kept: [
      `A session ends after ${SESSION_HOURS} hours at most, sooner where it is not used, and is deleted from a day later on.`,
      `Codes from a mail run out after ${CODE_MINUTES} minutes, links after ${LINK_MINUTES}.`,
      'Passwords, passkeys and authenticator apps: until you replace or remove them. API keys: until an erasure.',
    ],
  },
  {
    id: 'work',
    title: 'What you make here',
    tables:
      'videos uploads upload_transitions share_extensions share_list_views owner_news owner_playbacks engine.uploads engine.assets engine.webhook_events',
    why: 'Uploads, videos and links belong to your organisation; they show who made and changed them.',
    basis: 'contract',
    kept: [
      'Videos: until somebody of your organisation deletes them, then with every byte.',
      `News about your links: ${inDays(NEWS_KEPT_DAYS)} after they were mailed.`,
      'What was done to uploads and links: as long as these are kept.',
      `That you watched a video of your organisation’s: ${inDays(1)} after it ended.`,
    ],
  },
  {
    id: 'mails',
    title: 'Mails, and work under way',
    tables: 'mail_outbox graphile_worker._private_jobs',
    why: 'Codes, invitations and reminders reach you by mail.',
    basis: 'contract',
    kept: [
      `Where no mail service is set up, the ${OUTBOX_KEEPS} newest mails, encrypted. Else a mail is kept until it is sent.`,
    ],
  },
  {
    id: 'limits',
    title: 'Limits, and defence against attacks',
    tables: 'limit_arrivals limit_throttlings limit_overrides abuse_signals abuse_detections',
    why: 'The portal stays quick and safe for everybody. In place of addresses and accounts stand keyed hashes: they find the same caller again and name nobody.',
    basis: 'legitimate_interests',
    kept: [`Counts run out by themselves, after ${spanInWords(LONGEST_WINDOW)} at most.`],
  },
  {
    id: 'log',
    title: 'The audit log',
    tables: 'audit_events audit_leaves audit_ranges audit_search subject_keys',
    why: 'It proves who was let in, who was refused and what was changed, to you as well. People stand in it under pseudonyms; what is personal is encrypted under a key of its own for each person, and unreadable for good once that key is destroyed.',
    basis: 'legitimate_interests',
    kept: [LOG_KEPT, `Copies that are sealed for an incident: ${SNAPSHOT_KEPT_DAYS} days.`],
  },
  {
    id: 'staff',
    title: 'What staff may do',
    tables: 'staff_review_items emergency_grants log_grants log_review_items log_searches',
    why: 'Rights of staff are asked for, given by a second person and reviewed each quarter.',
    basis: 'legal_obligation',
    kept: ['As evidence of who could do what, until an erasure; searches until they are deleted.'],
  },
  {
    id: 'requests',
    title: 'Requests to be erased',
    tables: 'erasures',
    why: 'What you ask for is done, and it can be shown that it was.',
    basis: 'legal_obligation',
    kept: ['Your address, encrypted, until it is done. Then places and counts stay, which name nobody.'],
  },
]

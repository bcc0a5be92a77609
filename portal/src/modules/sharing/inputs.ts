import { z } from 'zod'
import { emailAddress } from '#portal/modules/identity/inputs.ts'
import { DOWNLOADS, SHARE_SORTS, SHARE_STATUSES } from './rules.ts'

export const REVOKE_REASONS = [
  'no_longer_needed',
  'shared_by_mistake',
  'wrong_recipient',
  'content_changed',
  'security',
  'incident',
  'legal',
  'erasure',
  'other',
] as const

const domainEntry = z
  .string()
  .trim()
  .toLowerCase()
  .regex(
    /^@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+$/,
    'is neither an address nor a domain such as @example.com',
  )

const instant = z.iso.datetime({ offset: true, error: 'must be an instant such as 2026-12-01T17:00:00Z' })
const count = z
  .int('must be a whole number')
  .min(1, 'must be at least 1')
  .max(100_000, 'must be at most 100000')
const people = z
  .array(z.union([domainEntry, emailAddress]))
  .max(200, 'may name at most 200 addresses and domains')
  .default([])

export const createShareInput = z.strictObject({
  videoId: z.string().max(64),
  access: z.enum(['link', 'email', 'account']).default('email'),
  startsAt: instant.optional(),
  expiresAt: instant.optional(),
  maxViews: count.optional(),
  maxViewers: count.optional(),
  password: z
    .string()
    .min(8, 'must have at least 8 characters')
    .max(256, 'must have at most 256 characters')
    .optional(),
  allow: people,
  deny: people,
  countries: z
    .array(
      z
        .string()
        .trim()
        .toUpperCase()
        .regex(/^[A-Z]{2}$/, 'must be a country code such as AU'),
    )
    .max(250)
    .default([]),
  /** Text that a viewer accepts before watching. */
  agreement: z.string().trim().min(1).max(20_000, 'must have at most 20000 characters').optional(),
  watermark: z.boolean().default(false),
  /** It opens on the device that begins first, and on no other. */
  oneDevice: z.boolean().default(false),
  /** Which rendition viewers may take away; null: none. */
  download: z
    .enum(DOWNLOADS, { error: `must be one of ${DOWNLOADS.join(', ')}, or null` })
    .nullable()
    .default(null),
  /** Shown to the viewer beside the video. */
  note: z.string().trim().max(500, 'must have at most 500 characters').optional(),
  /** Whether the parts that are watched are kept for the owner; viewers are told before they watch. */
  analytics: z.boolean().default(true),
  /** Why the share goes beyond the limits; a second person reads it. */
  reason: z.string().trim().max(500, 'must have at most 500 characters').optional(),
})

export type CreateShareInput = z.output<typeof createShareInput>
/** What a page sends of it. */
export type ShareRequest = Omit<z.input<typeof createShareInput>, 'videoId'>

export const shareToken = z.string().max(200)

export const viewerInput = z.strictObject({
  token: shareToken,
  cookie: z.string().max(200).nullable(),
  /** The device's proof (see device-proof.ts), for links that open on one device. */
  proof: z.string().max(4000).optional(),
})

export const verifyViewerInput = viewerInput.extend({
  email: emailAddress.optional(),
  code: z
    .string()
    .trim()
    .regex(/^\d{6}$/, 'has six digits')
    .optional(),
  password: z.string().max(256).optional(),
  /** Accepts the agreement of this id. */
  agreement: z.string().max(64).optional(),
})

export const changeShareInput = z.strictObject({
  id: z.string().max(64),
  /** Shown to the viewer beside the video; empty: none. */
  note: z.string().trim().max(500, 'must have at most 500 characters').optional(),
  /** Whether the parts that are watched are kept for the owner, from now on. */
  analytics: z.boolean().optional(),
})

export const decideShareInput = z.strictObject({
  id: z.string().max(64),
  reason: z.string().trim().min(3, 'say why, in a few words').max(500),
})

export const remindViewerInput = z.strictObject({
  id: z.string().max(64),
  email: emailAddress,
  /** The link, where its owner has it at hand: only its fingerprint is kept, so that nobody else can add it. */
  link: z.string().trim().max(500).optional(),
})

export const extendShareInput = z.strictObject({
  id: z.string().max(64),
  expiresAt: instant.optional(),
  maxViews: count.optional(),
  /** Why it goes beyond the limits; a second person reads it. */
  reason: z.string().trim().max(500, 'must have at most 500 characters').optional(),
})

export const revokeShareInput = z.strictObject({
  id: z.string().max(64),
  reason: z.enum(REVOKE_REASONS, { error: `must be one of ${REVOKE_REASONS.join(', ')}` }),
  note: z.string().trim().max(500).optional(),
})

export const shareIdInput = z.strictObject({ id: z.string().max(64) })

/** `recent`: what lives, and what ended in the last thirty days; `all`: the archive too. */
const ended = z.enum(['recent', 'all']).default('recent')
const cursor = z.string().max(200).optional()
const limit = z.coerce.number().int().min(1).max(100).default(50)

export const listSharesInput = z.strictObject({
  videoId: z.string().max(64).optional(),
  status: z.enum(SHARE_STATUSES).optional(),
  ended,
  cursor,
  limit,
})

/** Which shares: all that stands in the address of the staff's list beside the place in it. */
export const shareFilterInput = z.strictObject({
  status: z.enum(SHARE_STATUSES).optional(),
  ended,
  /** Part of a title, of an organisation's or a person's name, or a share's ID. */
  q: z.string().trim().max(100).optional(),
  /** A person or an organisation. */
  owner: z.string().max(64).optional(),
  video: z.string().max(64).optional(),
  region: z
    .string()
    .regex(/^[A-Z]{2,8}$/, 'must be a region such as AU')
    .optional(),
  /** Lives, and ends within so many days. */
  expiresWithinDays: z.coerce.number().int().min(1).max(366).optional(),
  sort: z.enum(SHARE_SORTS).default('created'),
  order: z.enum(['asc', 'desc']).optional(),
})

export const adminListSharesInput = shareFilterInput.extend({ cursor, limit })
export type AdminListInput = z.output<typeof adminListSharesInput>

export const shareHistoryInput = shareIdInput.extend({
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})

const atMost = (most: number) => z.int('must be a whole number').min(1).max(most)

/** Floors and ceilings that administrators set; a share beyond one waits for a second person (SPS-08). */
export const shareLimitsSchema = z.strictObject({
  /** Days that a share may live without anybody's leave. */
  lifeDays: atMost(365).default(7),
  /** Days that no share may live longer than, whoever agrees. */
  mostLifeDays: atMost(730).default(90),
  /** Weakest way in; from weak to strong: link, email, account. */
  leastAccess: z.enum(['link', 'email', 'account']).default('link'),
  /** A link that asks for nobody's name asks for a password at least. */
  passwordForLinks: z.boolean().default(false),
  /** Most views of one share; null: any number. */
  mostViews: atMost(100_000).nullable().default(null),
  watermark: z.boolean().default(false),
})

export type ShareLimits = z.infer<typeof shareLimitsSchema>

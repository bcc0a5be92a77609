import { z } from '@hono/zod-openapi'
import { shareLimitsSchema } from '#portal/modules/sharing/inputs.ts'
import { DOWNLOADS, SHARE_STATUSES } from '#portal/modules/sharing/rules.ts'

export const instant = z.iso.datetime()
const need = z.enum(['account', 'email', 'code', 'password', 'agreement', 'opening'])

export const linkSchema = z
  .object({
    access: z.enum(['link', 'email', 'account']),
    needs: z.array(need),
    watching: z.boolean(),
    opensAt: instant.nullable(),
    agreement: z.object({ id: z.string(), version: z.int(), text: z.string() }).nullable(),
    recorded: z.boolean(),
    asked: z.boolean(),
    preparing: z.object({ percent: z.number().nullable() }).nullable(),
    oneDevice: z.boolean(),
    signIn: z.object({ path: z.string(), name: z.string(), only: z.boolean(), form: z.boolean() }).nullable(),
  })
  .openapi('Link')

export const verifySchema = z
  .object({ needs: z.array(need), sharedBy: z.string(), otherDevice: z.boolean() })
  .openapi('GateStep')

const chapterSchema = z.object({ at: z.int(), title: z.string() })

export const playbackSchema = z
  .object({
    playbackUrl: z.url(),
    expiresAt: instant,
    refreshAfter: instant,
    posterUrl: z.url(),
    storyboardUrl: z.url(),
    title: z.string(),
    duration: z.number().nullable(),
    chapters: z.array(chapterSchema),
    until: instant.optional(),
    viewsLeft: z.int().nullable().optional(),
    sharedBy: z.string().optional(),
    note: z.string().nullable().optional(),
    watermark: z.string().nullable().optional(),
    download: z.enum(DOWNLOADS).nullable().optional(),
  })
  .openapi('Playback')

export const shareSchema = z
  .object({
    id: z.string(),
    videoId: z.string(),
    videoTitle: z.string(),
    organisationId: z.string(),
    organisationName: z.string(),
    createdBy: z.string(),
    createdByName: z.string().nullable(),
    access: z.enum(['link', 'email', 'account']),
    allow: z.array(z.string()),
    deny: z.array(z.string()),
    hasPassword: z.boolean(),
    hasAgreement: z.boolean(),
    countries: z.array(z.string()),
    watermark: z.boolean(),
    oneDevice: z.boolean(),
    deviceBoundAt: instant.nullable(),
    download: z.enum(DOWNLOADS).nullable(),
    note: z.string().nullable(),
    status: z.enum(SHARE_STATUSES),
    watchingNow: z.int(),
    viewsUsed: z.int(),
    maxViews: z.int().nullable(),
    viewersUsed: z.int(),
    maxViewers: z.int().nullable(),
    asks: z.array(z.string()),
    reason: z.string().nullable(),
    createdAt: instant,
    startsAt: instant.nullable(),
    expiresAt: instant,
    scheduledReason: z.string().nullable(),
    lastUsedAt: instant.nullable(),
    analytics: z.boolean(),
    revokedAt: instant.nullable(),
    revokeReason: z.string().nullable(),
    region: z.string(),
  })
  .openapi('Share')

export const shareDetailSchema = shareSchema
  .extend({
    viewers: z.array(
      z.object({
        id: z.string(),
        startedAt: instant,
        renewals: z.int(),
        watching: z.boolean(),
        endedAt: instant.nullable(),
        blackAfterMs: z.int().nullable(),
      }),
    ),
    decidedByName: z.string().nullable(),
    decidedAt: instant.nullable(),
    personalData: z.object({ viewers: z.int(), erasedAfter: instant }),
  })
  .openapi('ShareDetail')

export const newShareSchema = z
  .object({
    id: z.string(),
    status: z.literal('active'),
    token: z.string(),
    url: z.url(),
    expiresAt: instant,
  })
  .openapi('NewShare')

export const askedShareSchema = z
  .object({
    id: z.string(),
    status: z.literal('pending_approval'),
    expiresAt: instant,
    asks: z.array(z.string()),
  })
  .openapi('AskedShare')

export const decidedShareSchema = z
  .object({ id: z.string(), status: z.enum(['approved', 'declined']) })
  .openapi('DecidedShare')

const explanationSchema = z.object({
  audience: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('anyone_with_link') }),
    z.object({ kind: z.literal('any_address') }),
    z.object({ kind: z.literal('any_account') }),
    z.object({ kind: z.literal('domain'), domain: z.string() }),
    z.object({ kind: z.literal('address'), address: z.string() }),
  ]),
  wouldWatch: z.boolean(),
  refusal: z.string().nullable(),
  mustProve: z.array(need),
  rules: z.array(z.object({ rule: z.string(), holds: z.boolean() })),
  except: z.array(z.string()),
})

export const sharedWithSchema = z
  .object({
    shareId: z.string(),
    exists: z.boolean(),
    audiences: z.array(explanationSchema),
    whatIf: explanationSchema.nullable(),
  })
  .openapi('SharedWith')

export const videoWatchersSchema = z
  .object({
    members: z.array(z.object({ id: z.string(), name: z.string(), role: z.string() })),
    shares: z.array(sharedWithSchema),
  })
  .openapi('VideoWatchers')

export const limitsSchema = z.object({ version: z.int(), limits: shareLimitsSchema }).openapi('ShareLimits')

export const revokedSchema = z
  .object({
    id: z.string(),
    status: z.literal('revoked'),
    stoppedPlayers: z.int(),
    confirmed: z.boolean(),
    boundSeconds: z.int(),
  })
  .openapi('RevokedShare')

export const personSchema = z
  .object({
    id: z.string(),
    kind: z.enum(['user', 'invitation']),
    name: z.string().nullable(),
    email: z.string(),
    role: z.string(),
    organisationId: z.string(),
    organisationName: z.string(),
    createdAt: instant,
    expiresAt: instant.nullable(),
    deactivatedAt: instant.nullable(),
  })
  .openapi('Person')

/** A page of a list with the cursor of the next one. */
export const pageOf = <T extends z.ZodType>(items: T) =>
  z.object({ items: z.array(items), nextCursor: z.string().nullable() })

export const historyEventSchema = z
  .object({
    id: z.string(),
    time: instant,
    action: z.string(),
    outcome: z.string(),
    reason: z.string().nullable(),
    actorKind: z.string().nullable(),
    actor: z.string(),
    archived: z.boolean(),
    proved: z.boolean(),
  })
  .openapi('HistoryEvent')

export const auditRecordSchema = z
  .object({
    event: z.record(z.string(), z.unknown()).nullable(),
    missing: z.enum(['archived', 'damaged']).nullable(),
    columns: z.record(z.string(), z.string().nullable()),
    time: z.string(),
    index: z.int().nullable(),
    proved: z.boolean(),
  })
  .openapi('AuditRecord')

export const receiptSchema = z
  .object({ eventId: z.string(), index: z.int(), entry: z.string(), size: z.int(), text: z.string() })
  .openapi('Receipt')

export const logHeadSchema = z
  .object({
    origin: z.string(),
    vkey: z.string(),
    size: z.int(),
    note: z.string(),
    witnesses: z.array(
      z.object({
        name: z.string(),
        vkey: z.string(),
        outcome: z.string().nullable(),
        size: z.int(),
        cosignedAt: instant.nullable(),
      }),
    ),
  })
  .openapi('LogHead')

export const videoSchema = z
  .object({
    id: z.string(),
    title: z.string(),
    status: z.enum(['waiting', 'processing', 'ready', 'failed', 'deleted']),
    complete: z.boolean(),
    progress: z.number().nullable(),
    duration: z.number().nullable(),
    aspectRatio: z.string().nullable(),
    resolutionTier: z.string().nullable(),
    error: z.string().nullable(),
    chapters: z.array(chapterSchema),
    ownerId: z.string(),
    createdAt: instant,
    readyAt: instant.nullable(),
  })
  .openapi('Video')

export const outboxMailSchema = z
  .object({ id: z.string(), to: z.string(), subject: z.string(), text: z.string(), createdAt: instant })
  .openapi('OutboxMail')

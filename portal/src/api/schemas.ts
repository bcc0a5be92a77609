import { z } from '@hono/zod-openapi'

const instant = z.iso.datetime()

export const linkSchema = z
  .object({
    access: z.enum(['link', 'email', 'account']),
    needs: z.array(z.enum(['account', 'email', 'code', 'password'])),
    watching: z.boolean(),
  })
  .openapi('Link')

export const verifySchema = z
  .object({ needs: z.array(z.enum(['account', 'email', 'code', 'password'])), sharedBy: z.string() })
  .openapi('GateStep')

export const playbackSchema = z
  .object({
    playbackUrl: z.url(),
    expiresAt: instant,
    refreshAfter: instant,
    posterUrl: z.url(),
    storyboardUrl: z.url(),
    title: z.string(),
    duration: z.number().nullable(),
    until: instant.optional(),
    viewsLeft: z.int().nullable().optional(),
    sharedBy: z.string().optional(),
  })
  .openapi('Playback')

export const shareSchema = z
  .object({
    id: z.string(),
    videoId: z.string(),
    videoTitle: z.string(),
    organisationName: z.string(),
    createdByName: z.string().nullable(),
    access: z.enum(['link', 'email', 'account']),
    allow: z.array(z.string()),
    hasPassword: z.boolean(),
    status: z.enum(['active', 'watching', 'used_up', 'expired', 'revoked']),
    watchingNow: z.int(),
    viewsUsed: z.int(),
    maxViews: z.int().nullable(),
    createdAt: instant,
    expiresAt: instant,
    lastUsedAt: instant.nullable(),
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
  })
  .openapi('ShareDetail')

export const newShareSchema = z
  .object({ id: z.string(), token: z.string(), url: z.url(), expiresAt: instant })
  .openapi('NewShare')

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
    organisationName: z.string(),
    createdAt: instant,
    expiresAt: instant.nullable(),
  })
  .openapi('Person')

/** A page of a list with the cursor of the next one. */
export const pageOf = <T extends z.ZodType>(items: T) =>
  z.object({ items: z.array(items), nextCursor: z.string().nullable() })

export const shareEventSchema = z
  .object({
    id: z.string(),
    time: instant,
    action: z.string(),
    outcome: z.string(),
    reason: z.string().nullable(),
    actorKind: z.string(),
    actor: z.string(),
    proved: z.boolean(),
  })
  .openapi('ShareEvent')

export const auditRecordSchema = z
  .object({
    event: z.record(z.string(), z.unknown()).nullable(),
    index: z.int().nullable(),
    proved: z.boolean(),
  })
  .openapi('AuditRecord')

export const receiptSchema = z
  .object({ eventId: z.string(), index: z.int(), entry: z.string(), size: z.int(), text: z.string() })
  .openapi('Receipt')

export const logHeadSchema = z
  .object({ origin: z.string(), vkey: z.string(), size: z.int(), note: z.string() })
  .openapi('LogHead')

import { and, eq, isNotNull, lt, lte, sql } from 'drizzle-orm'
import { organisationFacts, personFacts } from '#portal/modules/identity/identity-facts.ts'
import { enqueueMail } from '#portal/modules/notifications/enqueue-mail.ts'
import type { Actor } from '#portal/platform/context.ts'
import { equalInConstantTime, hashToken } from '#portal/platform/crypto.ts'
import type { Tx } from '#portal/platform/db.ts'
import { AppError } from '#portal/platform/errors.ts'
import { type VerbScope, verb } from '#portal/platform/operation.ts'
import { remindViewerInput } from './inputs.ts'
import { listReminders, MOST_REMINDERS, REMIND_EVERY_MS } from './list-reminders.ts'
import type { ShareRow } from './load-share.ts'
import { shareReminders, shares, viewerSessions } from './tables.ts'

type Input = { id: string; email: string; link?: string | undefined }

/**
 * Mails an invited address that has not watched. Of the link only a fingerprint is kept: the mail names the sender,
 * and carries the link only where its owner pastes it and its fingerprint fits (decision 015).
 */
export const remindViewer = verb({
  action: 'share.remind',
  input: remindViewerInput,
  allow: { role: 'agency' },
  async run(scope: VerbScope<Input>) {
    const { tx, input, ctx, actor, keys } = scope
    const share = await loadOrganisationShare(tx, actor, input.id)
    const link = input.link ? checkedLink(share, input.link) : null
    const address = input.email.toLowerCase()
    const invited = (await listReminders(tx, keys, share, ctx.now)).find((one) => one.address === address)
    if (!invited) throw new AppError('not_found', 'This link does not invite that address by itself.')
    if (share.approval !== 'open' || share.revokedAt || share.expiresAt <= ctx.now)
      throw new AppError('conflict', 'This link does not open any more. Make a new one.')
    const emailHash = Buffer.from(invited.key, 'hex')
    if (await hasWatched(tx, share.id, emailHash))
      throw new AppError('conflict', 'They have watched already.')
    await countReminder(tx, share.id, emailHash, ctx.now)
    await mail(scope, share, address, link)
    return {
      result: { id: share.id, remindedAt: ctx.now.toISOString() },
      change: {
        target: { type: 'share', id: share.id },
        details: { video_id: share.videoId, with_link: link !== null },
        personal: { subject: address, data: { email: address } },
      },
    }
  },
})

/**
 * A share of the actor's organisation; staff of others have no business with its invited people.
 * @throws AppError not_found for anything else
 */
export async function loadOrganisationShare(tx: Tx, actor: Actor, id: string): Promise<ShareRow> {
  if (actor.kind !== 'user') throw new AppError('forbidden')
  const [share] = await tx
    .select()
    .from(shares)
    .where(and(eq(shares.id, id), eq(shares.organisationId, actor.organisationId)))
  if (!share) throw new AppError('not_found')
  return share
}

function checkedLink({ tokenHash }: ShareRow, link: string): string {
  const token = /\/s\/([\w-]{20,200})\/?$/.exec(link)?.[1]
  if (!token || !tokenHash || !equalInConstantTime(hashToken(token), tokenHash))
    throw new AppError('invalid', 'link: is not the link of this share.', {
      errors: [{ path: 'link', message: 'is not the link of this share' }],
    })
  return token
}

async function hasWatched(tx: Tx, shareId: string, emailHash: Buffer): Promise<boolean> {
  const rows = await tx
    .select({ id: viewerSessions.id })
    .from(viewerSessions)
    .where(
      and(
        eq(viewerSessions.shareId, shareId),
        eq(viewerSessions.emailHash, emailHash),
        isNotNull(viewerSessions.emailVerifiedAt),
        isNotNull(viewerSessions.viewStartedAt),
      ),
    )
    .limit(1)
  return rows.length > 0
}

/** Of two reminders at once the second one meets no row. */
async function countReminder(tx: Tx, shareId: string, emailHash: Buffer, now: Date): Promise<void> {
  const counted = await tx
    .insert(shareReminders)
    .values({ shareId, emailHash, remindedAt: now })
    .onConflictDoUpdate({
      target: [shareReminders.shareId, shareReminders.emailHash],
      set: { times: sql`${shareReminders.times} + 1`, remindedAt: now },
      setWhere: and(
        lte(shareReminders.remindedAt, new Date(now.getTime() - REMIND_EVERY_MS)),
        lt(shareReminders.times, MOST_REMINDERS),
      ),
    })
    .returning({ times: shareReminders.times })
  if (counted.length === 0)
    throw new AppError(
      'conflict',
      `They were reminded in the last 24 hours, or ${MOST_REMINDERS} times already. Ask them some other way.`,
    )
}

async function mail(scope: VerbScope<Input>, share: ShareRow, to: string, token: string | null) {
  const { tx, ctx, actor, settings } = scope
  const [person] = await tx
    .select({ name: personFacts.name })
    .from(personFacts)
    .where(eq(personFacts.id, actor.id))
  const [organisation] = await tx
    .select({ name: organisationFacts.name })
    .from(organisationFacts)
    .where(eq(organisationFacts.id, share.organisationId))
  await enqueueMail(scope, {
    to,
    template: 'share-reminder',
    values: {
      from: person?.name ?? 'Somebody',
      organisation: organisation?.name ?? '',
      until: share.expiresAt,
      link: token && `${settings.PUBLIC_URL}/s/${token}`,
    },
    idempotencyKey: ctx.newId('mail'),
  })
}

import { and, asc, eq, gt, inArray, isNull } from 'drizzle-orm'
import { z } from 'zod'
import { personFacts } from '#portal/modules/identity/identity-facts.ts'
import { shareFacts } from '#portal/modules/sharing/sharing-facts.ts'
import { videoFacts } from '#portal/modules/videos/video-facts.ts'
import type { App } from '#portal/platform/app.ts'
import type { Tx } from '#portal/platform/db.ts'
import { enqueue, job } from '#portal/platform/job.ts'
import { enqueueMail } from './enqueue-mail.ts'
import { gatherNews } from './gather-news.ts'
import { preferencesOf } from './notification-preferences.ts'
import { fateOf } from './rules.ts'
import { ownerNews } from './tables.ts'
import { unsubscribeToken } from './unsubscribe-token.ts'

const DAY_MS = 86_400_000
const ONE_RUN = 500

/** Tells makers of shares what happened since the last look. */
export const tellOwners = job({
  name: 'notifications.tell-owners',
  input: z.strictObject({}),
  maxAttempts: 1,
  schedule: '*/5 * * * *',
  async run({ app, ctx }) {
    await app.db.transaction((tx) => gatherNews(tx, app.keys, ctx.now))
    await deliver(app, ctx.now, false)
  },
})

/** What waits for it, once a day: at seven in the morning in the east of Australia. */
export const digestOwners = job({
  name: 'notifications.digest',
  input: z.strictObject({}),
  maxAttempts: 3,
  schedule: '0 21 * * *',
  run: ({ app, ctx }) => deliver(app, ctx.now, true),
})

/** One transaction a person: their news is marked as told if and only if its mail is in the queue. */
async function deliver(app: App, now: Date, digest: boolean): Promise<void> {
  const people = await app.db
    .selectDistinct({ userId: ownerNews.userId })
    .from(ownerNews)
    .where(isNull(ownerNews.mailedAt))
    .limit(ONE_RUN)
  for (const { userId } of people)
    await app.db.transaction((tx) => deliverTo(app, tx, userId, { now, digest }))
}

async function deliverTo(
  app: App,
  tx: Tx,
  userId: string,
  { now, digest }: { now: Date; digest: boolean },
): Promise<void> {
  const waiting = await tx
    .select()
    .from(ownerNews)
    .where(and(eq(ownerNews.userId, userId), isNull(ownerNews.mailedAt)))
    .orderBy(asc(ownerNews.id))
    .limit(100)
    .for('update')
  const recent = await tx
    .select({ id: ownerNews.id })
    .from(ownerNews)
    .where(and(eq(ownerNews.userId, userId), gt(ownerNews.mailedAt, new Date(now.getTime() - DAY_MS))))
  const chosen = await preferencesOf(tx, userId)
  let mailedToday = recent.length
  const mail: typeof waiting = []
  const over: number[] = []
  for (const news of waiting) {
    const fate = fateOf(news, chosen[news.kind], { now, digest, mailedToday })
    if (fate !== 'wait') over.push(news.id)
    if (fate !== 'mail') continue
    mailedToday += 1
    mail.push(news)
  }
  if (over.length === 0) return
  await tx.update(ownerNews).set({ mailedAt: now }).where(inArray(ownerNews.id, over))
  for (const together of digest ? [mail] : mail.map((one) => [one]))
    await send(app, tx, userId, together, digest)
}

type Row = typeof ownerNews.$inferSelect

async function send(app: App, tx: Tx, userId: string, rows: Row[], digest: boolean): Promise<void> {
  const [person] = await tx.select().from(personFacts).where(eq(personFacts.id, userId))
  const titles = await tx
    .select({ shareId: shareFacts.id, title: videoFacts.title })
    .from(shareFacts)
    .innerJoin(videoFacts, eq(videoFacts.id, shareFacts.videoId))
    .where(
      inArray(
        shareFacts.id,
        rows.map(({ shareId }) => shareId),
      ),
    )
  const first = rows[0]
  if (!person || !first) return
  const origin = app.settings.PUBLIC_URL
  const token = unsubscribeToken(app.keys, userId)
  await enqueueMail(
    { keys: app.keys, enqueue: (order, payload, options) => enqueue(tx, order, payload, options) },
    {
      to: person.email,
      template: 'owner-news',
      values: {
        news: rows.map(({ kind, amount, happenedAt, shareId }) => ({
          kind,
          amount,
          at: happenedAt,
          title: titles.find((known) => known.shareId === shareId)?.title ?? 'a video',
          url: `${origin}/shares/${shareId}`,
        })),
        digest,
        unsubscribeUrl: `${origin}/unsubscribe#${token}`,
        settingsUrl: `${origin}/account/notifications`,
      },
      idempotencyKey: `news:${first.id}:${rows.length}`,
      unsubscribeUrl: `${origin}/api/unsubscribe/${token}`,
    },
  )
}

import { and, asc, eq, sql } from 'drizzle-orm'
import { z } from 'zod'
import { AppError } from '#portal/platform/errors.ts'
import { read, verb } from '#portal/platform/operation.ts'
import { shareFilterInput } from './inputs.ts'
import { shareListViews } from './tables.ts'

const MOST_VIEWS = 50

export type ShareListView = { id: string; name: string; query: Record<string, string>; isDefault: boolean }

/** The views of the list that this administrator has saved. */
export const listShareListViews = read({
  action: 'share-list-view.list',
  input: z.strictObject({}),
  allow: { role: 'admin' },
  async run({ db, actor }): Promise<ShareListView[]> {
    return await db
      .select({
        id: shareListViews.id,
        name: shareListViews.name,
        query: shareListViews.query,
        isDefault: shareListViews.isDefault,
      })
      .from(shareListViews)
      .where(eq(shareListViews.userId, actor.id))
      .orderBy(asc(sql`lower(${shareListViews.name})`))
  },
})

export const saveShareListViewInput = z.strictObject({
  name: z.string().trim().min(1, 'needs a name').max(60, 'must have at most 60 characters'),
  query: shareFilterInput.partial(),
  isDefault: z.boolean().default(false),
})

/** Keeps a way of looking at the list under a name; the same name again replaces it. */
export const saveShareListView = verb({
  action: 'share-list-view.save',
  input: saveShareListViewInput,
  allow: { role: 'admin' },
  async run({ tx, input, ctx, actor }): Promise<{ result: ShareListView; change: Saved }> {
    if (actor.kind !== 'user') throw new AppError('forbidden', 'Views belong to people: sign in for one.')
    const [held] = await tx
      .select({ count: sql<number>`count(*)::int` })
      .from(shareListViews)
      .where(eq(shareListViews.userId, actor.id))
    if ((held?.count ?? 0) >= MOST_VIEWS)
      throw new AppError('conflict', `There are ${MOST_VIEWS} saved views. Delete one first.`)
    if (input.isDefault)
      await tx.update(shareListViews).set({ isDefault: false }).where(eq(shareListViews.userId, actor.id))
    const query = Object.fromEntries(
      Object.entries(input.query).flatMap(([key, value]) =>
        value === undefined ? [] : [[key, String(value)]],
      ),
    )
    const { isDefault, name } = input
    const [saved] = await tx
      .insert(shareListViews)
      .values({
        ...{ id: ctx.newId('slv'), userId: actor.id, name, query, isDefault },
        ...{ createdAt: ctx.now, updatedAt: ctx.now },
      })
      .onConflictDoUpdate({
        target: [shareListViews.userId, shareListViews.name],
        set: { query, isDefault, updatedAt: ctx.now },
      })
      .returning({ id: shareListViews.id })
    const id = saved?.id ?? ''
    return {
      result: { id, name, query, isDefault },
      // Names and search words may be people's: the log keeps which filters, not what they say.
      change: {
        target: { type: 'share_list_view', id },
        details: { filters: Object.keys(query), isDefault },
      },
    }
  },
})

type Saved = { target: { type: string; id: string }; details: { filters: string[]; isDefault: boolean } }

export const deleteShareListViewInput = z.strictObject({ id: z.string().max(64) })

export const deleteShareListView = verb({
  action: 'share-list-view.delete',
  input: deleteShareListViewInput,
  allow: { role: 'admin' },
  async run({ tx, input, actor }) {
    const gone = await tx
      .delete(shareListViews)
      .where(and(eq(shareListViews.id, input.id), eq(shareListViews.userId, actor.id)))
      .returning({ id: shareListViews.id })
    if (gone.length === 0) throw new AppError('not_found')
    return { result: { id: input.id }, change: { target: { type: 'share_list_view', id: input.id } } }
  },
})

import { and, asc, eq, sql } from 'drizzle-orm'
import { AppError } from '#portal/platform/errors.ts'
import { read, verb } from '#portal/platform/operation.ts'
import type { SavedLogSearch } from './answers.ts'
import { logSearches } from './grants/tables.ts'
import { idInput, nothingInput, saveLogSearchInput } from './inputs.ts'

const MOST_SEARCHES = 50

/** The searches of the log that this administrator has saved. */
export const listLogSearches = read({
  action: 'audit.list-searches',
  input: nothingInput,
  allow: { role: 'admin' },
  async run({ db, actor }): Promise<SavedLogSearch[]> {
    return await db
      .select({ id: logSearches.id, name: logSearches.name, query: logSearches.query })
      .from(logSearches)
      .where(eq(logSearches.userId, actor.id))
      .orderBy(asc(sql`lower(${logSearches.name})`))
  },
})

/** Keeps a search under a name; the same name again replaces it. */
export const saveLogSearch = verb({
  action: 'audit.save-search',
  input: saveLogSearchInput,
  allow: { role: 'admin', logGrant: true },
  async run({ tx, input, ctx, actor }) {
    if (actor.kind !== 'user') throw new AppError('forbidden', 'Searches belong to people: sign in for one.')
    const held = await tx.$count(logSearches, eq(logSearches.userId, actor.id))
    if (held >= MOST_SEARCHES)
      throw new AppError('conflict', `There are ${MOST_SEARCHES} saved searches. Delete one first.`)
    const query = Object.fromEntries(
      Object.entries(input.query).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    )
    const { name } = input
    const [saved] = await tx
      .insert(logSearches)
      .values({
        ...{ id: ctx.newId('lsv'), userId: actor.id, name, query },
        ...{ createdAt: ctx.now, updatedAt: ctx.now },
      })
      .onConflictDoUpdate({
        target: [logSearches.userId, logSearches.name],
        set: { query, updatedAt: ctx.now },
      })
      .returning({ id: logSearches.id })
    const id = saved?.id ?? ''
    // Names and search words may be people's: the log keeps which filters, not what they say.
    const change = { target: { type: 'log_search', id }, details: { filters: Object.keys(query) } }
    return { result: { id, name, query }, change }
  },
})

export const deleteLogSearch = verb({
  action: 'audit.delete-search',
  input: idInput,
  allow: { role: 'admin' },
  async run({ tx, input: { id }, actor }) {
    const gone = await tx
      .delete(logSearches)
      .where(and(eq(logSearches.id, id), eq(logSearches.userId, actor.id)))
      .returning({ id: logSearches.id })
    if (gone.length === 0) throw new AppError('not_found')
    return { result: { id }, change: { target: { type: 'log_search', id } } }
  },
})

import { desc, eq, inArray } from 'drizzle-orm'
import { personFacts } from '#portal/modules/identity/identity-facts.ts'
import { countPeopleInShares } from '#portal/modules/sharing/person-viewers.ts'
import { countVideosOfEach } from '#portal/modules/videos/erase-person.ts'
import type { Tx } from '#portal/platform/db.ts'
import type { ErasedPerson, ErasedRows } from '#portal/platform/erasure.ts'
import { AppError } from '#portal/platform/errors.ts'
import type { Keys } from '#portal/platform/keys.ts'
import { read } from '#portal/platform/operation.ts'
import type { Erasure, ErasureReach } from './answers.ts'
import { openPerson } from './erased-person.ts'
import { ERASURE_ASKERS } from './erasure-staff.ts'
import { erasureIdInput, listErasuresInput } from './inputs.ts'
import { erasureSteps, erasures } from './tables.ts'

type Row = typeof erasures.$inferSelect

/** Erasures, newest first: what waits for a second person, runs, or was done, with what was removed where. */
export const listErasures = read({
  action: 'privacy.list-erasures',
  input: listErasuresInput,
  allow: ERASURE_ASKERS,
  async run({ db, input, keys, actor }): Promise<{ items: Erasure[] }> {
    const rows = await db
      .select()
      .from(erasures)
      .orderBy(desc(erasures.askedAt), desc(erasures.id))
      .limit(input.limit)
    return { items: await view(db, keys, rows, actor.id) }
  },
})

export const getErasure = read({
  action: 'privacy.get-erasure',
  input: erasureIdInput,
  allow: ERASURE_ASKERS,
  async run({ db, input, keys, actor }): Promise<Erasure> {
    const rows = await db.select().from(erasures).where(eq(erasures.id, input.id))
    const [erasure] = await view(db, keys, rows, actor.id)
    if (!erasure) throw new AppError('not_found')
    return erasure
  },
})

async function view(db: Tx, keys: Keys, rows: Row[], me: string): Promise<Erasure[]> {
  const ids = rows.map(({ id }) => id)
  const steps = ids.length
    ? await db.select().from(erasureSteps).where(inArray(erasureSteps.erasureId, ids))
    : []
  const people = rows.flatMap(({ askedBy, decidedBy, successorId }) => [askedBy, decidedBy, successorId])
  const names = await namesOf(
    db,
    people.filter((id) => id !== null),
  )
  const nameOf = (id: string | null) => (id && names.get(id)) ?? null
  const open = new Map(
    rows.flatMap(({ id, personSealed }) =>
      personSealed ? [[id, openPerson(keys, id, personSealed)] as const] : [],
    ),
  )
  const waiting = rows.flatMap(({ id, status }) => (status === 'pending' ? [id] : []))
  const reach = await reachOf(db, keys, new Map([...open].filter(([id]) => waiting.includes(id))))
  return rows.map((row) => {
    const { id, kind, userId, reason, reference, videos, status, failure, round } = row
    return {
      ...{ id, kind, userId, reason, reference, videos, status, failure },
      person: open.get(id)?.addresses[0] ?? null,
      successorName: nameOf(row.successorId),
      askedAt: row.askedAt.toISOString(),
      askedByName: nameOf(row.askedBy),
      mine: row.askedBy === me || userId === me,
      decidedByName: nameOf(row.decidedBy),
      decidedAt: row.decidedAt?.toISOString() ?? null,
      finishedAt: row.finishedAt?.toISOString() ?? null,
      rounds: round - 1,
      removed: summed(steps.filter(({ erasureId }) => erasureId === id).flatMap(({ removed }) => removed)),
      reach: reach.get(id) ?? null,
    }
  })
}

/** However many wait, one question of each table. */
async function reachOf(
  db: Tx,
  keys: Keys,
  people: Map<string, ErasedPerson>,
): Promise<Map<string, ErasureReach>> {
  const persons = [...people.values()]
  const owned = await countVideosOfEach(
    db,
    persons.flatMap(({ userId }) => userId ?? []),
  )
  const counted = await countPeopleInShares(db, keys, persons)
  return new Map(
    [...people].flatMap(([id, { userId }], at) => {
      const inShares = counted[at]
      return inShares ? [[id, { videos: owned.get(userId ?? '') ?? 0, ...inShares }] as const] : []
    }),
  )
}

function summed(removed: ErasedRows[]): ErasedRows[] {
  const byPlace = Map.groupBy(removed, ({ place, did }) => `${place} ${did}`)
  return [...byPlace.values()].map((same) => ({
    ...(same[0] as ErasedRows),
    rows: same.reduce((sum, { rows }) => sum + rows, 0),
  }))
}

async function namesOf(db: Tx, ids: string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .select({ id: personFacts.id, name: personFacts.name })
    .from(personFacts)
    .where(inArray(personFacts.id, [...new Set(ids)]))
  return new Map(rows.map(({ id, name }) => [id, name]))
}

import { inArray, sql } from 'drizzle-orm'
import {
  ERASED_ADDRESS,
  type ErasedRows,
  type Eraser,
  type EraseScope,
  told,
} from '#portal/platform/erasure.ts'
import { redactPerson } from '#portal/platform/redact-person.ts'
import { hashesOf, viewersOf } from './person-viewers.ts'
import { endSessions } from './revoke-shares.ts'
import { viewerSessions } from './tables.ts'

/** Ends what the person watches: players stop, and the video service is told. */
export const viewingCloser: Eraser = {
  step: 'sharing.close',
  async erase(scope) {
    const { tx, keys, person } = scope
    const ids = await viewersOf(tx, keys, person)
    if (ids.length === 0) return []
    const { players } = await endSessions(scope, inArray(viewerSessions.id, ids), { stop: 'revoked' })
    return told('players', 'ended', players)
  },
}

/** Takes the person out of visits, lists, bars and words; visits stay as numbers, links stay as they bind others. */
export const sharingEraser: Eraser = {
  step: 'sharing',
  async erase(scope) {
    const { tx, person } = scope
    const views = await tx.execute(sql`delete from share_list_views where user_id = ${person.userId}`)
    return [
      ...(await eraseVisits(scope)),
      ...(await eraseHashes(scope)),
      ...(await eraseLists(scope)),
      ...told('share_list_views', 'deleted', views.rowCount),
      ...(await redactPerson(tx, person, 'share_list_views', ['name', 'query::jsonb'])),
      ...(await redactPerson(tx, person, 'shares', ['note', 'reason'])),
      ...(await redactPerson(tx, person, 'share_extensions', ['reason'])),
      ...(await redactPerson(tx, person, 'revocations', ['note', 'decision_reason', 'review_reason'])),
      ...(await redactPerson(tx, person, 'viewer_bars', ['reason'])),
    ]
  },
}

const RANDOM = sql`sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8'))`

async function eraseVisits({ tx, keys, person }: EraseScope): Promise<ErasedRows[]> {
  const ids = sql`any(${sql.param(await viewersOf(tx, keys, person))}::text[])`
  const codes = await tx.execute(sql`delete from viewer_codes
    where viewer_session_id = ${ids} or email_hash = any(${hashesOf(keys, person)})`)
  // The device that such a link is bound to is theirs: it stays bound, to nobody's.
  const devices = await tx.execute(sql`update shares set device_key = ${RANDOM}
    where device_key is not null and id in (
      select share_id from viewer_sessions where id = ${ids} and view_started_at is not null)`)
  const visits = await tx.execute(sql`update viewer_sessions
    set email_hash = null, email_sealed = null, user_id = null, cookie_hash = ${RANDOM}, past_cookie_hash = null
    where id = ${ids}`)
  return [
    ...told('viewer_codes', 'deleted', codes.rowCount),
    ...told('shares.device_key', 'replaced', devices.rowCount),
    ...told('viewer_sessions', 'replaced', visits.rowCount),
  ]
}

/** A bar falls with the person whom it names: its row stays as evidence, and bars nobody. */
async function eraseHashes({ tx, ctx, actor, keys, person }: EraseScope): Promise<ErasedRows[]> {
  const hashes = sql`any(${hashesOf(keys, person)})`
  const reminders = await tx.execute(sql`delete from share_reminders where email_hash = ${hashes}`)
  const bars = await tx.execute(sql`update viewer_bars set email_hash = ${RANDOM},
      lifted_at = coalesce(lifted_at, ${ctx.now.toISOString()}), lifted_by = coalesce(lifted_by, ${actor.id})
    where email_hash = ${hashes}`)
  const revocations = await tx.execute(
    sql`update revocations set viewer_hash = ${RANDOM} where viewer_hash = ${hashes}`,
  )
  return [
    ...told('share_reminders', 'deleted', reminders.rowCount),
    ...told('viewer_bars.email_hash', 'replaced', bars.rowCount),
    ...told('revocations.viewer_hash', 'replaced', revocations.rowCount),
  ]
}

/** Replaced, never removed: a list that becomes empty would let everybody in. */
async function eraseLists({ tx, person: { addresses } }: EraseScope): Promise<ErasedRows[]> {
  const theirs = sql`${sql.param(addresses)}::text[]`
  const done: ErasedRows[] = []
  for (const name of ['allow', 'deny']) {
    const list = sql.identifier(name)
    const { rowCount } = await tx.execute(sql`update shares set ${list} = array(
        select distinct case when one = any(${theirs}) then ${ERASED_ADDRESS} else one end from unnest(${list}) one)
      where ${list} && ${theirs}`)
    done.push(...told(`shares.${name}`, 'replaced', rowCount))
  }
  return done
}

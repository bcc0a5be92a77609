import type { TestApp } from '../support/test-app.ts'
import { insertColleague } from './account-objects.ts'
import { insertInvitation } from './objects.ts'
import type { User } from './people.ts'

/** An open invitation's ID. */
export async function invitationId(t: TestApp, inviter: User): Promise<string> {
  await insertInvitation(t, inviter)
  const { rows } = await t.app.pool.query(
    'select id from invitations order by created_at desc, id desc limit 1',
  )
  return rows[0].id
}

/** An administrator with these groups, as one to be put into finance or taken out. */
export async function staffMember(t: TestApp, mine: User, groups: string) {
  const id = await insertColleague(t, mine, 'admin')
  await t.app.pool.query('update members set staff_groups = $2 where user_id = $1', [id, groups])
  return { userId: id, group: 'finance' as const }
}

let serial = 0

/** Somebody's grant of finance, under review. */
export async function grantUnderReview(t: TestApp, mine: User) {
  const member = await staffMember(t, mine, '{finance}')
  const reviewId = `stf_matrix${++serial}`
  await t.app.pool.query(
    `with review as (insert into staff_reviews (id, quarter, opened_at, due_at) values ($1, $2, $3, $3) returning id)
     insert into staff_review_items (review_id, user_id, staff_group) select id, $4, 'finance' from review`,
    [reviewId, `${3000 + serial}-Q1`, t.app.clock(), member.userId],
  )
  return { reviewId, ...member }
}

/** Somebody's emergency grant that is asked for, runs, or is over and waits for its review. */
export async function emergencyOf(
  t: TestApp,
  mine: User,
  state: 'asked' | 'running' | 'over',
): Promise<string> {
  const [holder, decider] = [await insertColleague(t, mine, 'admin'), await insertColleague(t, mine, 'admin')]
  const id = `emg_matrix${++serial}`
  const at = t.app.clock()
  const began = state === 'asked' ? null : new Date(at.getTime() - 3_600_000)
  const ends = began && (state === 'over' ? at : new Date(at.getTime() + 60_000))
  await t.app.pool.query(
    `insert into emergency_grants (id, user_id, staff_group, reason, minutes, requested_at, decision, decided_by, decided_at, ends_at)
     values ($1, $2, 'finance', 'matrix of rights', 60, $3, $4, $5, $6, $7)`,
    [id, holder, at, began && 'approved', began && decider, began, ends],
  )
  return id
}

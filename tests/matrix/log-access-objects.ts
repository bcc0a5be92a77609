import type { TestApp } from '../support/test-app.ts'
import { insertColleague } from './account-objects.ts'
import { nextSerial } from './example.ts'
import type { User } from './people.ts'

/** Somebody's grant to read the log that is asked for, or that is over and not noted yet. */
export async function logGrantOf(t: TestApp, mine: User, state: 'asked' | 'over'): Promise<string> {
  const holder = await insertColleague(t, mine, 'admin')
  const id = `lga_matrix${nextSerial()}`
  const at = t.app.clock()
  const began = state === 'asked' ? null : new Date(at.getTime() - 3_600_000)
  await t.app.pool.query(
    `insert into log_grants (id, user_id, origin, reason, hours, asked_at, decision, decided_by, decided_at, ends_at)
     values ($1, $2, 'asked', 'matrix of rights', 1, $3, $4, $5, $6, $7)`,
    [id, holder, at, began && 'approved', began && 'matrix', began, began && at],
  )
  return id
}

/** Somebody's grant that a review waits to hear about. */
export async function logGrantUnderReview(t: TestApp, mine: User) {
  const grantId = await logGrantOf(t, mine, 'over')
  const serial = nextSerial()
  const reviewId = `lrv_matrix${serial}`
  await t.app.pool.query(
    `with review as (insert into log_reviews (id, quarter, opened_at, due_at, reminded_at) values ($1, $2, $3, $3, $3) returning id)
     insert into log_review_items (review_id, grant_id) select id, $4 from review`,
    [reviewId, `${1000 + serial}-Q1`, t.app.clock(), grantId],
  )
  return { reviewId, grantId }
}

/** Of an administrator who may be given the reading of the log. */
export async function administratorAddress(t: TestApp, mine: User): Promise<string> {
  const id = await insertColleague(t, mine, 'admin')
  const { rows } = await t.app.pool.query('select email from users where id = $1', [id])
  return rows[0].email
}

/** One of this person's saved searches of the log. */
export async function insertLogSearch(t: TestApp, mine: User): Promise<string> {
  const id = `lsv_matrix${nextSerial()}`
  await t.app.pool.query(
    `insert into log_searches (id, user_id, name, query, created_at, updated_at) values ($1, $2, $1, '{}', $3, $3)`,
    [id, mine.id, t.app.clock()],
  )
  return id
}

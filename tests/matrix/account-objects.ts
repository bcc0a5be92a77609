import { makeResetToken } from '../../portal/src/modules/identity/account-proofs.ts'
import { totpPlace } from '../../portal/src/modules/identity/check-second-factor.ts'
import type { Role } from '../../portal/src/platform/context.ts'
import { seal } from '../../portal/src/platform/crypto.ts'
import { authenticatorCode } from '../support/authenticator.ts'
import type { TestApp } from '../support/test-app.ts'
import type { User } from './people.ts'

/** No second factor, as before anybody set one up. */
export async function forgetFactor(t: TestApp, mine: User): Promise<Record<string, never>> {
  await t.app.pool.query('delete from totp_factors where user_id = $1', [mine.id])
  return {}
}

async function insertFactor(t: TestApp, mine: User, confirmed: boolean): Promise<string> {
  await forgetFactor(t, mine)
  const at = t.app.clock()
  const sealed = seal(t.app.keys.seal, Buffer.from('foobar'), totpPlace(mine.id))
  // Where a code is asked for once more, the session has shown one before.
  await t.app.pool.query(
    `with shown as (update sessions set second_factor_at = $3 where user_id = $1)
     insert into totp_factors (user_id, secret_sealed, created_at, confirmed_at) values ($1, $2, $3, $4)`,
    [mine.id, sealed, at, confirmed ? at : null],
  )
  return authenticatorCode('MZXW6YTBOI', at)
}

/** The code of the moment of an authenticator that was begun, but never confirmed. */
export const waitingCode = (t: TestApp, mine: User) => insertFactor(t, mine, false)

/** The code of the moment of an authenticator that guards the account. */
export const confirmedCode = (t: TestApp, mine: User) => insertFactor(t, mine, true)

/** Another session of the same person. */
export async function insertSession(t: TestApp, mine: User): Promise<string> {
  const id = t.app.newContext(mine).newId('ses')
  await t.app.pool.query(
    `insert into sessions (id, user_id, token, expires_at) values ($1, $2, $1, now() + interval '1 hour')`,
    [id, mine.id],
  )
  return id
}

/** Somebody else of the same organisation; without a password, whose hash takes long on purpose. */
export async function insertColleague(t: TestApp, mine: User, role: Role = 'agency'): Promise<string> {
  const id = t.app.newContext(mine).newId('usr')
  await t.app.pool.query(
    `with person as (insert into users (id, name, email) values ($1, 'Colleague', lower($1) || '@example.com') returning id)
     insert into members (user_id, organisation_id, role, created_at) select id, $2, $4, $3 from person`,
    [id, mine.organisationId, t.app.clock(), role],
  )
  return id
}

/** A passkey that nobody can use: its key is none. */
export async function insertPasskey(t: TestApp, mine: User): Promise<string> {
  const id = t.app.newContext(mine).newId('pky')
  await t.app.pool.query(
    `insert into passkeys (id, user_id, public_key, credential_id, counter, device_type, backed_up)
     values ($1, $2, '', $1, 0, 'singleDevice', false)`,
    [id, mine.id],
  )
  return id
}

/** The token of a link to set a new password, as mailed to a colleague of this person. */
export async function insertResetToken(t: TestApp, mine: User): Promise<string> {
  const id = await insertColleague(t, mine)
  await t.app.pool.query(
    `insert into accounts (id, user_id, account_id, provider_id, password, updated_at) values ($1, $1, $1, 'credential', 'none', $2)`,
    [id, t.app.clock()],
  )
  const scope = { ctx: t.app.newContext(mine), keys: t.app.keys }
  const email = `${id.toLowerCase()}@example.com`
  return (await t.app.db.transaction((tx) => makeResetToken({ ...scope, tx }, email))).token
}

import { newApiKey } from '../../portal/src/modules/access/api-key-format.ts'
import { type Actor, ANONYMOUS, STAFF_GROUPS } from '../../portal/src/platform/context.ts'
import { hashToken } from '../../portal/src/platform/crypto.ts'
import { operations } from '../../portal/src/registry.ts'
import { grantLogReading, type TestApp } from '../support/test-app.ts'
import { serveTestApp, type TestHttp } from '../support/test-http.ts'

export type User = Extract<Actor, { kind: 'user' }>

/** One row of the matrix: who asks, and the browser or the program they ask with where they have one. */
export type Person = {
  name: string
  actor: Actor
  http: TestHttp | null
  /** Shows an API key that holds no more: nobody is behind it, and the HTTP door alone sees it. */
  deadKey?: true
  /** Before each request. */
  prepare?: () => Promise<void>
}

export type People = { rows: Person[]; stranger: User; stop(): Promise<void> }

/**
 * Everybody who can ask: each role, each staff group, API keys that cover all, little and nothing any more, visitors, the
 * portal's own jobs, the command line.
 */
export async function gather(t: TestApp): Promise<People> {
  const users: [string, User][] = [
    ['guest', await t.person('guest')],
    ['agency', await t.person('agency')],
    ['admin', await t.person('admin')],
  ]
  for (const group of STAFF_GROUPS) {
    users.push([`admin in ${group}`, { ...(await t.person('admin')), groups: [group] }])
  }
  const reader = await t.person('admin')
  users.push(['admin who may read the log', { ...reader, logGrant: await grantLogReading(t.app, reader.id) }])
  for (const [, { id, groups }] of users)
    await t.app.pool.query('update members set staff_groups = $2 where user_id = $1', [id, groups])
  const rows: Person[] = []
  for (const [name, actor] of users) rows.push({ name, actor, http: await signedIn(t, actor) })
  rows.push(await signedInLongAgo(t))
  rows.push(
    await byKey(t, 'key of an agency, all scopes', await t.person('agency'), everyScope()),
    await byKey(
      t,
      'key of operations, all scopes',
      await t.person('admin', { groups: ['operations'] }),
      everyScope(),
    ),
    await byKey(t, 'key of an agency, two scopes', await t.person('agency'), ['video.list', 'share.get']),
    await byKey(t, 'expired key', await t.person('agency'), everyScope(), 'expired'),
    await byKey(t, 'revoked key', await t.person('agency'), everyScope(), 'revoked'),
    { name: 'visitor', actor: ANONYMOUS, http: await serveTestApp(t) },
    { name: 'viewer', actor: { kind: 'viewer', id: 'vwr_matrix' }, http: null },
    { name: 'job', actor: { kind: 'system', id: 'matrix' }, http: null },
    { name: 'command', actor: { kind: 'command', id: 'matrix' }, http: null },
  )
  return {
    rows,
    stranger: await t.person('agency'),
    stop: async () => void (await Promise.all(rows.map(({ http }) => http?.stop()))),
  }
}

/** Every area of the product, as a key may name it. */
const everyScope = () => [...new Set(operations.map(({ action }) => `${action.split('.', 1)[0]}.*`))]

/** A program with one of this person's keys. */
async function byKey(
  t: TestApp,
  name: string,
  owner: User,
  scopes: string[],
  end: 'expired' | 'revoked' | null = null,
): Promise<Person> {
  const id = t.app.newContext(owner).newId('apk')
  const key = newApiKey()
  await t.app.pool.query(
    `insert into api_keys (id, owner_id, name, key_hash, last_four, scopes, created_by, created_at, expires_at, revoked_at, revoked_by)
     values ($1, $2, 'Matrix', $3, 'abcd', $4, $2, $5, $6, $7, $8)`,
    [
      ...[id, owner.id, hashToken(key), scopes, t.app.clock()],
      new Date(t.app.clock().getTime() + (end === 'expired' ? 1 : 30 * 86_400_000)),
      ...(end === 'revoked' ? [t.app.clock(), owner.id] : [null, null]),
    ],
  )
  const http = await serveTestApp(t)
  const send: TestHttp['send'] = (method, path, { headers, ...rest } = {}) =>
    http.send(method, path, { ...rest, headers: { authorization: `Bearer ${key}`, ...headers } })
  const program = { ...http, send }
  if (end) return { name, actor: ANONYMOUS, http: program, deadKey: true }
  return { name, actor: { ...owner, apiKey: { id, scopes } }, http: program }
}

/** Staff of every group who have not shown for hours that it is they: what a stolen session can do. */
async function signedInLongAgo(t: TestApp): Promise<Person> {
  const groups = [...STAFF_GROUPS]
  const person = await t.person('admin', { groups })
  await t.app.pool.query('update members set staff_groups = $2 where user_id = $1', [person.id, groups])
  // With every right there is, so that age alone makes the difference.
  const actor = { ...person, logGrant: await grantLogReading(t.app, person.id), stale: true as const }
  const age = async () => {
    await t.app.pool.query(
      `update sessions set created_at = now() - interval '3 hours', proved_at = null, last_seen_at = now() where user_id = $1`,
      [actor.id],
    )
  }
  return { name: 'admin, signed in long ago', actor, http: await signedIn(t, actor), prepare: age }
}

async function signedIn(t: TestApp, user: User): Promise<TestHttp> {
  const http = await serveTestApp(t)
  const { rows } = await t.app.pool.query<{ email: string }>('select email from users where id = $1', [
    user.id,
  ])
  const answer = await http.signIn(rows[0]?.email ?? '', 'correct horse battery')
  if (answer.status !== 200) throw new Error(`sign-in of ${user.id} answered ${answer.status}`)
  return http
}

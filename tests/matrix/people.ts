import { type Actor, ANONYMOUS, STAFF_GROUPS } from '../../portal/src/platform/context.ts'
import type { TestApp } from '../support/test-app.ts'
import { serveTestApp, type TestHttp } from '../support/test-http.ts'

export type User = Extract<Actor, { kind: 'user' }>

/** One row of the matrix: who asks, and the browser they ask with where they have one. */
export type Person = { name: string; actor: Actor; http: TestHttp | null }

export type People = { rows: Person[]; stranger: User; stop(): Promise<void> }

/** Everybody who can ask: each role, each staff group, visitors, the portal's own jobs, the command line. */
export async function gather(t: TestApp): Promise<People> {
  const users: [string, User][] = [
    ['guest', await t.person('guest')],
    ['agency', await t.person('agency')],
    ['admin', await t.person('admin')],
  ]
  for (const group of STAFF_GROUPS) {
    users.push([`admin in ${group}`, { ...(await t.person('admin')), groups: [group] }])
  }
  for (const [, { id, groups }] of users)
    await t.app.pool.query('update members set staff_groups = $2 where user_id = $1', [id, groups])
  const rows: Person[] = []
  for (const [name, actor] of users) rows.push({ name, actor, http: await signedIn(t, actor) })
  rows.push(
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

async function signedIn(t: TestApp, user: User): Promise<TestHttp> {
  const http = await serveTestApp(t)
  const { rows } = await t.app.pool.query<{ email: string }>('select email from users where id = $1', [
    user.id,
  ])
  const answer = await http.signIn(rows[0]?.email ?? '', 'correct horse battery')
  if (answer.status !== 200) throw new Error(`sign-in of ${user.id} answered ${answer.status}`)
  return http
}

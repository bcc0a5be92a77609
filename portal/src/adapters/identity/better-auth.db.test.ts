import { createTestApp } from '../../../../tests/support/test-app.ts'
import { identityContract } from './contract.ts'

identityContract('better-auth', async () => {
  const t = await createTestApp()
  const { id: userId } = await t.person('agency')
  const { rows } = await t.app.pool.query('select email, name from users where id = $1', [userId])
  const person = { userId, email: rows[0].email, name: rows[0].name }
  const port = t.app.ports.identity
  return {
    port,
    person,
    async signIn() {
      const answer = await port.handle(
        new Request('http://localhost:3000/api/auth/sign-in/email', {
          method: 'POST',
          headers: { 'content-type': 'application/json', origin: 'http://localhost:3000' },
          body: JSON.stringify({ email: person.email, password: 'correct horse battery' }),
        }),
      )
      return answer.headers
        .getSetCookie()
        .map((cookie) => cookie.split(';', 1)[0])
        .join('; ')
    },
    async expire(sessionId) {
      await t.app.pool.query(
        `update sessions set expires_at = clock_timestamp() - interval '1 s' where id = $1`,
        [sessionId],
      )
    },
    stop: t.stop,
  }
})

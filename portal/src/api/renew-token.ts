import type { Context as HonoContext } from 'hono'
import type { Env } from './request-context.ts'

/** After a proof of identity: the caller's session goes on under another token, and the one before is worth nothing. */
export async function renewToken(c: HonoContext<Env>): Promise<void> {
  const { actor } = c.get('ctx')
  if (actor.kind !== 'user' || !actor.sessionId) return
  for (const line of await c.get('app').ports.identity.renewToken(actor.sessionId))
    c.header('set-cookie', line, { append: true })
}

/** A sign-in in a browser that was signed in already: the session before ends, whoever's it was. */
export async function endFormer(c: HonoContext<Env>, cookies: string[]): Promise<void> {
  const { actor } = c.get('ctx')
  const begun = cookies.some((line) => /^__Host-mm\.session_token=[^;]/.test(line))
  if (!begun || actor.kind !== 'user' || !actor.sessionId) return
  await c.get('app').ports.identity.endSession(actor.sessionId)
}

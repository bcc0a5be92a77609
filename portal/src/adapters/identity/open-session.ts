import { createAuthEndpoint } from 'better-auth/api'
import { setSessionCookie } from 'better-auth/cookies'
import { z } from 'zod'
import { newToken } from '#portal/platform/crypto.ts'

/**
 * Begins a session for somebody whom we have proved ourselves, by a code from a mail or by another service, and gives
 * a session another token. No route leads here.
 */
export const openSessionPlugin = () => ({
  id: 'open-session' as const,
  endpoints: {
    openSession: createAuthEndpoint.serverOnly(
      { method: 'POST', body: z.object({ userId: z.string(), secondFactor: z.boolean() }) },
      async (ctx) => {
        const { internalAdapter } = ctx.context
        const proved = ctx.body.secondFactor ? { secondFactorAt: new Date() } : {}
        const user = await internalAdapter.findUserById(ctx.body.userId)
        const session = user && (await internalAdapter.createSession(user.id, false, proved, true))
        if (!user || !session) throw new Error('no session could be begun')
        await setSessionCookie(ctx, { session, user })
        return ctx.json({ opened: true })
      },
    ),
    renewToken: createAuthEndpoint.serverOnly(
      { method: 'POST', body: z.object({ sessionId: z.string() }) },
      async (ctx) => {
        const { adapter, internalAdapter } = ctx.context
        const token = newToken()
        const where = [{ field: 'id', value: ctx.body.sessionId }]
        await adapter.update({ model: 'session', where, update: { token } })
        const found = await internalAdapter.findSession(token)
        if (found) await setSessionCookie(ctx, found)
        return ctx.json({ renewed: found !== null })
      },
    ),
  },
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { IdentityPort } from './port.ts'

export type IdentityContractSubject = {
  port: IdentityPort
  /** A member with a proved address who can sign in. */
  person: { userId: string; email: string; name: string }
  /** Signs the person in from a browser of its own; gives the Cookie header that it sends from then on. */
  signIn(): Promise<string>
  /** Lets a session's time run out. */
  expire(sessionId: string): Promise<void>
  /** Addresses that the vendor was told of; undefined where it need not know. */
  invited?: () => string[]
  stop(): Promise<void>
}

/** What every way of signing in must do. */
export function identityContract(name: string, start: () => Promise<IdentityContractSubject>): void {
  describe(`identity port: ${name}`, () => {
    let subject: IdentityContractSubject
    const who = (cookie?: string) => subject.port.whoIs(new Headers(cookie ? { cookie } : {}))
    const signedIn = async () => {
      const cookie = await subject.signIn()
      return { cookie, session: (await who(cookie))! }
    }
    beforeAll(async () => {
      subject = await start()
    })
    afterAll(() => subject?.stop())

    it('finds nobody behind no cookie, an invented one and one that was tampered with [IDN-01]', async () => {
      const { cookie } = await signedIn()
      expect(await who()).toBeNull()
      expect(await who(cookie.replace(/=.*/, `=${'A'.repeat(43)}`))).toBeNull()
      // In the middle of the value: its last character may hold bits that nobody reads.
      const at = cookie.indexOf('=') + 8
      const other = cookie[at] === 'x' ? 'y' : 'x'
      expect(await who(cookie.slice(0, at) + other + cookie.slice(at + 1))).toBeNull()
    })

    it('tells who signed in, and since when [IDN-01]', async () => {
      const before = Date.now()
      const { session } = await signedIn()
      expect(session).toMatchObject({ ...subject.person, emailVerified: true, secondFactor: false })
      // The database may round the instant, and vendors count in seconds.
      expect(session.authenticatedAt.getTime()).toBeGreaterThanOrEqual(before - 1001)
      expect(session.authenticatedAt.getTime()).toBeLessThanOrEqual(Date.now() + 1001)
    })

    it('ends one session and leaves the others [IDN-01]', async () => {
      const one = await signedIn()
      const other = await signedIn()
      expect(one.session.sessionId).not.toBe(other.session.sessionId)
      expect(await subject.port.endSession(one.session.sessionId)).toBe(true)
      expect(await who(one.cookie)).toBeNull()
      expect(await who(other.cookie)).toMatchObject({ sessionId: other.session.sessionId })
      expect(await subject.port.endSession(one.session.sessionId)).toBe(false)
    })

    it('ends all sessions of a person but the one that is kept [IDN-01]', async () => {
      const kept = await signedIn()
      const gone = await signedIn()
      expect(
        await subject.port.endSessionsOf(subject.person.userId, kept.session.sessionId),
      ).toBeGreaterThanOrEqual(1)
      expect(await who(gone.cookie)).toBeNull()
      expect(await who(kept.cookie)).not.toBeNull()
      expect(await subject.port.endSessionsOf(subject.person.userId)).toBe(1)
      expect(await who(kept.cookie)).toBeNull()
    })

    it('[ASVS-7.2.4] gives a session another token, under which it goes on; the one before is worth nothing', async () => {
      const { cookie, session } = await signedIn()
      const [line = ''] = await subject.port.renewToken(session.sessionId)
      expect(line).toMatch(/^__Host-mm\.session_token=[^;]+;.*\bSecure\b/)
      const renewed = line.split(';', 1)[0] ?? ''
      expect([await who(cookie), await who(renewed)]).toEqual([
        null,
        expect.objectContaining({ sessionId: session.sessionId }),
      ])
      await subject.port.endSession(session.sessionId)
      expect(await subject.port.renewToken(session.sessionId)).toEqual([])
    })

    it('knows no session whose time has run out [IDN-01]', async () => {
      const { cookie, session } = await signedIn()
      await subject.expire(session.sessionId)
      expect(await who(cookie)).toBeNull()
    })

    it('signs out by its own endpoint [IDN-01]', async () => {
      const { cookie } = await signedIn()
      expect(subject.port.endpoints).toContain('POST /sign-out')
      const origin = 'http://localhost:3000'
      const answer = await subject.port.handle(
        new Request(`${origin}/api/auth/sign-out`, { method: 'POST', headers: { cookie, origin } }),
      )
      expect(answer.status).toBe(200)
      expect(await who(cookie)).toBeNull()
    })

    it('takes an invitation twice and tells the vendor once [IDN-01]', async () => {
      await subject.port.invite('new@example.com')
      await subject.port.invite('new@example.com')
      if (subject.invited) expect(subject.invited()).toEqual(['new@example.com'])
    })
  })
}

/** The longest that a session lives, whatever is done in it. */
export const SESSION_HOURS = 12

/** What a vendor of identity knows about the person behind a request. Role and organisation are never its business. */
export type SignedIn = {
  /** ID in our `users` table. */
  userId: string
  /** Lower case. */
  email: string
  /** An address that was not proved counts for nothing. */
  emailVerified: boolean
  name: string
  sessionId: string
  /** When the session began, with whatever proof it began with. */
  authenticatedAt: Date
  /** Whether this session began with a second factor, or with a factor that is two in one (a passkey). */
  secondFactor: boolean
}

/** Signing in, by one vendor. What signed-in people may do stands in our own tables. */
export type IdentityPort = {
  readonly kind: 'better-auth' | 'clerk'
  /** Who is behind these request headers; null where nobody is, or the session has ended. */
  whoIs(headers: Headers): Promise<SignedIn | null>
  /** Ends one session everywhere; false where there was none. */
  endSession(sessionId: string): Promise<boolean>
  /** Ends all sessions of a person, but for one to keep; gives how many. */
  endSessionsOf(userId: string, keep?: string): Promise<number>
  /**
   * Begins a session for somebody whom the portal proved itself, and gives its Set-Cookie lines. Absent where the
   * vendor alone proves people.
   */
  openSession?(userId: string, headers: Headers, options?: { secondFactor: boolean }): Promise<string[]>
  /**
   * Gives a session another token, and the Set-Cookie lines that bring it to the browser: what was known of the session
   * before a proof is worth nothing after it. None where the session has ended.
   */
  renewToken(sessionId: string): Promise<string[]>
  /** `METHOD /path` below /api/auth that are let through; all others do not exist. */
  readonly endpoints: ReadonlySet<string>
  /** Answers the vendor's own endpoints. */
  handle(request: Request): Promise<Response>
  /** Where sign-in happens on the vendor's page, the path below our origin that leads there; null: our own form. */
  readonly signInPath: string | null
  /** Paths below /api/auth to which the vendor’s page leads a browser back, from its own site. */
  readonly returnPaths: ReadonlySet<string>
  /** Another way to sign in, on another service's page, that is offered beside our own form. */
  readonly beside?: { path: string; name: string }
  /** Tells the vendor that this address may sign up, where it has to know. Safe to repeat. */
  invite(email: string): Promise<void>
}

/** Our own sessions, for vendors that prove who somebody is and leave the rest to us. */
export type SessionStore = {
  /** Begins a session of 12 hours; gives its ID. The token is kept as a hash. */
  open(session: NewSession): Promise<string>
  find(token: string): Promise<SignedIn | null>
  /** Another token for a session; false where there is none. */
  renew(sessionId: string, token: string): Promise<boolean>
  /** Ends one; gives the vendor's own session where there was one, null where there was none of ours. */
  end(sessionId: string): Promise<{ vendorSession: string | null } | null>
  endAllOf(userId: string, keep?: string): Promise<{ vendorSession: string | null }[]>
}

export type NewSession = {
  userId: string
  token: string
  secondFactor: boolean
  deviceLabel: string | null
  vendorSession: string | null
}

/** A person with a proved address, as a vendor tells of them. */
export type VendorPerson = { provider: string; vendorUserId: string; email: string; name: string }

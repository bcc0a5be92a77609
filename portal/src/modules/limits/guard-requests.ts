import type { App } from '#portal/platform/app.ts'
import type { Caller } from './check-request.ts'
import type { LimitClass } from './rules.ts'

export type GuardedRequest = { class: LimitClass; caller: Caller }

/** What looks at requests beside the limits: abuse detection. */
export type RequestGuard = {
  /** After the limits let a request through. May wait, to slow it down. @throws AppError to stop it */
  before(request: GuardedRequest): Promise<void>
  /** How it was answered, a refusal by the limits too. Must not throw. */
  after(request: GuardedRequest, status: number): void
}

const guards = new WeakMap<App, RequestGuard>()

/** Sets the one guard of this process, in front of each route that has a limit. */
export function guardRequests(app: App, guard: RequestGuard): void {
  guards.set(app, guard)
}

export const guardOf = (app: App): RequestGuard | undefined => guards.get(app)

import { cookies, headers } from 'next/headers'
import { notFound, redirect } from 'next/navigation'
import { cache } from 'react'
import { getOwnLogAccess } from '#portal/modules/audit/grants/list-access.ts'
import { getSelf } from '#portal/modules/identity/queries.ts'
import { getApp } from '#portal/platform/app.ts'
import { ANONYMOUS } from '#portal/platform/context.ts'
import { isAppError } from '#portal/platform/errors.ts'
import type { Operation } from '#portal/platform/operation.ts'
import { PAGE_ADDRESS, PAGE_PATH, pageName } from '#portal/platform/page-request.ts'

/** The one door from a page into the portal: the caller's own session, one context a request. */
const context = cache(async () => {
  const app = getApp()
  const given = new Headers(await headers())
  const actor = (await app.actorFromHeaders(given)) ?? ANONYMOUS
  const ctx = app.newContext(actor, { ip: given.get(PAGE_ADDRESS) ?? undefined })
  return { app, ctx, page: pageName(given.get(PAGE_PATH)) }
})

/** Leaves the event of a page that was not shown; once, however many parts of it ask. */
export const noteRefused = cache(async (reason: 'no_session' | 'second_factor' | 'role' | 'log_grant') => {
  const { app, ctx, page } = await context()
  await app.refusals.note({ action: 'page.open', reason, target: { type: 'page', id: page } }, ctx)
})

/** Calls an operation for a page; what is not there, or not the caller's, becomes the not-found page. */
export async function ask<I, R>(operation: Operation<I, R>, input: unknown): Promise<R> {
  const { app, ctx } = await context()
  try {
    return await app.call(operation, input, ctx)
  } catch (error) {
    if (isAppError(error)) {
      if (error.code === 'unauthenticated') redirect('/')
      if (error.code === 'second_factor') redirect('/second-factor')
      // A cursor or an ID in the address that is none of ours is an address that no page has.
      if (['not_found', 'forbidden', 'invalid'].includes(error.code)) notFound()
    }
    throw error
  }
}

/** The signed-in person, or null. */
export const self = cache(async () => {
  const { ctx } = await context()
  return ctx.actor.kind === 'user' ? await ask(getSelf, {}) : null
})

/** The signed-in person who owes no second factor, or null. */
export async function selfInFull() {
  const { actor } = (await context()).ctx
  return actor.kind === 'user' && !actor.owes ? await self() : null
}

/** The signed-in person; anybody else is sent to sign in, or to show their second factor. */
export async function mustBeSignedIn() {
  const { ctx } = await context()
  if (ctx.actor.kind === 'user' && ctx.actor.owes) {
    await noteRefused('second_factor')
    redirect('/second-factor')
  }
  const person = await self()
  if (person) return person
  await noteRefused('no_session')
  redirect('/')
}

/** The theme that the reader chose; undefined follows the system. */
export async function chosenTheme(): Promise<'light' | 'dark' | undefined> {
  const value = (await cookies()).get('__Host-mm.theme')?.value
  return value === 'light' || value === 'dark' ? value : undefined
}

/** A search parameter that is there once; undefined otherwise. */
export function oneOf(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** The administrator's share pages, where they are switched on; else they do not exist. */
export async function mustHaveShareUi() {
  if (!getApp().settings.ADMIN_SHARE_UI_ENABLED) notFound()
  return await mustBeAdmin()
}

/** The signed-in administrator; for anybody else the page does not exist. */
export async function mustBeAdmin() {
  const person = await mustBeSignedIn()
  if (person.role === 'admin') return person
  await noteRefused('role')
  notFound()
}

/** Until when the signed-in person may read the audit log; null for whoever may not. */
export const logAccess = cache(async (): Promise<string | null> => {
  const person = await self()
  return person?.role === 'admin' ? (await ask(getOwnLogAccess, {})).until : null
})

/** Whether a person looks after how large the audit log is, and what that costs. */
export function seesLogStorage(person: { groups: string[] }): boolean {
  return decidesOnLog(person) || person.groups.includes('finance')
}

/** Whether a person agrees to others' reading of the log, and judges it afterwards. */
export function decidesOnLog(person: { groups: string[] }): boolean {
  return person.groups.includes('security') || person.groups.includes('compliance')
}

/** Whether a person takes in, or decides on, the erasure of people. */
export function seesErasures(person: { groups: string[] }): boolean {
  return decidesOnLog(person) || person.groups.includes('support')
}

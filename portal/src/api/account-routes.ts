import { z } from '@hono/zod-openapi'
import { getAccount, getOwed, listSessions, renameAccount } from '#portal/modules/identity/account.ts'
import { endOtherSessions, endSession } from '#portal/modules/identity/end-sessions.ts'
import {
  endSessionInput,
  renameAccountInput,
  resetSecondFactorInput,
  secondFactorInput,
} from '#portal/modules/identity/inputs.ts'
import { proveSecondFactor } from '#portal/modules/identity/prove-second-factor.ts'
import {
  removeTotp,
  replaceRecoveryCodes,
  resetSecondFactor,
} from '#portal/modules/identity/remove-second-factor.ts'
import { beginTotp, confirmTotp } from '#portal/modules/identity/set-up-totp.ts'
import type { OperationRoute } from './operation-route.ts'
import { LIMITS, limitTo } from './rate-limit.ts'

const passkey = z.object({
  id: z.string(),
  name: z.string().nullable(),
  createdAt: z.iso.datetime(),
  backedUp: z.boolean(),
})

const account = z.object({
  name: z.string(),
  email: z.string(),
  hasPassword: z.boolean(),
  staffTotp: z.enum(['off', 'offered', 'required']),
  totpSince: z.iso.datetime().nullable(),
  recoveryCodesLeft: z.int(),
  passkeys: z.array(passkey),
})

const session = z.object({
  id: z.string(),
  device: z.string(),
  createdAt: z.iso.datetime(),
  lastSeenAt: z.iso.datetime(),
  isThisOne: z.boolean(),
  secondFactor: z.boolean(),
})

const recoveryCodes = z.object({ recoveryCodes: z.array(z.string()) })
const guess = [limitTo(LIMITS.secondFactor, 'user')]

const ownAccount: OperationRoute[] = [
  { method: 'get', path: '/api/account', summary: 'Your account', operation: getAccount, answer: account },
  {
    method: 'patch',
    path: '/api/account',
    summary: 'Change your name',
    operation: renameAccount,
    body: renameAccountInput,
    answer: z.object({ name: z.string() }),
  },
  {
    method: 'get',
    path: '/api/account/sessions',
    summary: 'Where you are signed in',
    operation: listSessions,
    answer: z.array(session),
  },
  {
    method: 'delete',
    path: '/api/account/sessions/{id}',
    summary: 'End one of your sessions',
    operation: endSession,
    params: endSessionInput,
    answer: z.null(),
    status: 204,
  },
  {
    method: 'post',
    path: '/api/account/sessions/end-others',
    summary: 'End all your sessions but this one',
    operation: endOtherSessions,
    answer: z.object({ ended: z.int() }),
  },
]

const secondFactor: OperationRoute[] = [
  {
    method: 'get',
    path: '/api/account/owed',
    summary: 'What your session still owes, and by what it can be shown',
    operation: getOwed,
    answer: z.object({
      owes: z.enum(['prove', 'set-up']).nullable(),
      totp: z.boolean(),
      passkey: z.boolean(),
    }),
  },
  {
    method: 'post',
    path: '/api/account/second-factor',
    summary: 'Show your second factor',
    operation: proveSecondFactor,
    body: secondFactorInput,
    answer: z.object({ right: z.boolean() }),
    before: guess,
  },
  {
    method: 'post',
    path: '/api/account/totp',
    summary: 'Begin to set up an authenticator app',
    operation: beginTotp,
    answer: z.object({ secret: z.string(), uri: z.string() }),
  },
  {
    method: 'post',
    path: '/api/account/totp/confirm',
    summary: 'Confirm an authenticator app by its first code',
    operation: confirmTotp,
    body: secondFactorInput,
    answer: recoveryCodes,
    before: guess,
  },
  {
    method: 'post',
    path: '/api/account/totp/remove',
    summary: 'Remove your authenticator app',
    operation: removeTotp,
    body: secondFactorInput,
    answer: z.null(),
    status: 204,
    before: guess,
  },
  {
    method: 'post',
    path: '/api/account/recovery-codes',
    summary: 'Replace your recovery codes',
    operation: replaceRecoveryCodes,
    body: secondFactorInput,
    answer: recoveryCodes,
    before: guess,
  },
  {
    method: 'post',
    path: '/api/admin/users/{id}/reset-second-factor',
    summary: 'Remove the second factors of somebody who lost them',
    operation: resetSecondFactor,
    params: resetSecondFactorInput.pick({ id: true }),
    body: resetSecondFactorInput.omit({ id: true }),
    answer: z.null(),
    status: 204,
  },
]

export const accountRoutes: OperationRoute[] = [...ownAccount, ...secondFactor]

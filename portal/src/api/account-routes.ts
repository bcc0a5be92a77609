import { z } from '@hono/zod-openapi'
import { confirmEmailChange, requestEmailChange } from '#portal/modules/identity/change-email.ts'
import {
  changePassword,
  requestPasswordReset,
  resetPassword,
} from '#portal/modules/identity/change-password.ts'
import { confirmIdentity } from '#portal/modules/identity/confirm-identity.ts'
import { endOtherSessions, endSession } from '#portal/modules/identity/end-sessions.ts'
import {
  addressInput,
  changePasswordInput,
  confirmEmailInput,
  confirmIdentityInput,
  endSessionInput,
  passkeyInput,
  renameAccountInput,
  renamePasskeyInput,
  resetPasswordInput,
  resetSecondFactorInput,
  secondFactorInput,
} from '#portal/modules/identity/inputs.ts'
import { removePasskey, renamePasskey } from '#portal/modules/identity/manage-passkeys.ts'
import { proveSecondFactor } from '#portal/modules/identity/prove-second-factor.ts'
import { getAccount, getOwed, listSessions, renameAccount } from '#portal/modules/identity/read-account.ts'
import {
  removeTotp,
  replaceRecoveryCodes,
  resetSecondFactor,
} from '#portal/modules/identity/remove-second-factor.ts'
import { beginTotp, confirmTotp } from '#portal/modules/identity/set-up-totp.ts'
import { requestSignInCode } from '#portal/modules/identity/sign-in-code.ts'
import { guard, noticeWrongCode } from './abuse-guard.ts'
import type { OperationRoute } from './operation-route.ts'
import { limitTo } from './rate-limit.ts'

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
const mailed = [guard('sign-in', 'account-asked'), limitTo('sign-in'), limitTo('mail')]
const guess = [guard('sign-in'), limitTo('second-factor'), noticeWrongCode]

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
    proves: ({ right }: { right: boolean }) => right,
  },
  {
    method: 'post',
    path: '/api/account/confirm-identity',
    summary: 'Show once more that it is you, for what is sensitive',
    operation: confirmIdentity,
    body: confirmIdentityInput,
    answer: z.object({ right: z.boolean() }),
    before: guess,
    proves: ({ right }: { right: boolean }) => right,
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
    proves: () => true,
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

const password: OperationRoute[] = [
  {
    method: 'post',
    path: '/api/account/password',
    summary: 'Change your password',
    operation: changePassword,
    body: changePasswordInput,
    answer: z.object({ ended: z.int() }),
    before: guess,
  },
  {
    method: 'post',
    path: '/api/password-resets',
    summary: 'Ask for a link to set a new password',
    operation: requestPasswordReset,
    body: addressInput,
    answer: z.null(),
    status: 204,
    before: mailed,
  },
  {
    method: 'post',
    path: '/api/password-resets/use',
    summary: 'Set a new password by the link from the mail',
    operation: resetPassword,
    body: resetPasswordInput,
    answer: z.null(),
    status: 204,
    before: [limitTo('join')],
  },
  {
    method: 'post',
    path: '/api/sign-in-codes',
    summary: 'Ask for a code to sign in with',
    operation: requestSignInCode,
    body: addressInput,
    answer: z.object({ id: z.string() }),
    before: mailed,
  },
]

const address: OperationRoute[] = [
  {
    method: 'post',
    path: '/api/account/email',
    summary: 'Begin to change your e-mail address',
    operation: requestEmailChange,
    body: addressInput,
    answer: z.object({ id: z.string() }),
    before: [limitTo('mail')],
  },
  {
    method: 'post',
    path: '/api/account/email/confirm',
    summary: 'Confirm your new address by the codes from both mails',
    operation: confirmEmailChange,
    body: confirmEmailInput,
    answer: z.object({ changed: z.boolean() }),
    before: guess,
  },
]

const passkeys: OperationRoute[] = [
  {
    method: 'patch',
    path: '/api/account/passkeys/{id}',
    summary: 'Name a passkey',
    operation: renamePasskey,
    params: passkeyInput,
    body: renamePasskeyInput.omit({ id: true }),
    answer: z.object({ name: z.string() }),
  },
  {
    method: 'delete',
    path: '/api/account/passkeys/{id}',
    summary: 'Remove a passkey',
    operation: removePasskey,
    params: passkeyInput,
    answer: z.null(),
    status: 204,
  },
]

export const accountRoutes: OperationRoute[] = [
  ...ownAccount,
  ...secondFactor,
  ...password,
  ...address,
  ...passkeys,
]

import {
  confirmedCode,
  forgetFactor,
  insertPasskey,
  insertResetToken,
  insertSession,
  waitingCode,
} from './account-objects.ts'
import { type Example, newAddress, own, unconditional } from './example.ts'

const ownCode = own(async (_objects, t, mine) => ({ code: await confirmedCode(t, mine) }))

/** Everybody’s own account, and signing in. */
export const ACCOUNT_EXAMPLES: Record<string, Example> = {
  'user.self': { ...unconditional(), usersOnly: true },
  'account.get': own(),
  'account.history': own(),
  'account.owed': own(),
  'account.list-sessions': own(),
  'account.rename': own(async () => ({ name: 'Another name' })),
  'account.end-session': own(async (_objects, t, mine) => ({ id: await insertSession(t, mine) })),
  'account.end-other-sessions': own(),
  'account.confirm-identity': own(async (_objects, t, mine) => {
    await forgetFactor(t, mine)
    return { password: 'correct horse battery' }
  }),
  'account.begin-totp': own(async (_objects, t, mine) => await forgetFactor(t, mine)),
  'account.confirm-totp': own(async (_objects, t, mine) => ({ code: await waitingCode(t, mine) })),
  'account.prove-second-factor': ownCode,
  'account.replace-recovery-codes': ownCode,
  'account.remove-totp': ownCode,
  'account.add-passkey': unconditional(async (_objects, _t, mine) => ({
    userId: mine.id,
    passkeyId: 'pky_matrix',
    sessionId: null,
  })),
  'account.rename-passkey': own(async (_objects, t, mine) => ({
    id: await insertPasskey(t, mine),
    name: 'Blue key',
  })),
  'account.remove-passkey': own(async (_objects, t, mine) => ({ id: await insertPasskey(t, mine) })),
  'account.change-password': own(async () => ({
    currentPassword: 'correct horse battery',
    newPassword: 'correct horse battery',
    endOthers: false,
  })),
  'account.request-reset': unconditional(async () => ({ email: newAddress() })),
  'account.reset-password': unconditional(async (_objects, t, mine) => ({
    token: await insertResetToken(t, mine),
    password: 'correct horse battery',
  })),
  'account.request-email-change': own(async () => ({ email: newAddress() })),
  'account.confirm-email-change': own(async () => ({
    id: 'prf_matrix',
    newCode: '123456',
    presentCode: '123456',
  })),
  'session.request-code': unconditional(async () => ({ email: newAddress() })),
  'session.sign-in-by-code': unconditional(async () => ({ id: 'prf_matrix', code: '123456' })),
  'session.sign-in': unconditional(async () => ({ userId: null, ok: false })),
  'session.sign-out': unconditional(async (_objects, _t, mine) => ({ userId: mine.id })),
}

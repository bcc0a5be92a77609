import type { AnyOperation } from '#portal/platform/operation.ts'
import { getAccountHistory } from './account-history.ts'
import { confirmEmailChange, requestEmailChange } from './change-email.ts'
import { changePassword, requestPasswordReset, resetPassword } from './change-password.ts'
import { confirmIdentity } from './confirm-identity.ts'
import { endOtherSessions, endSession } from './end-sessions.ts'
import { recordPasskey, removePasskey, renamePasskey } from './manage-passkeys.ts'
import { proveSecondFactor } from './prove-second-factor.ts'
import { getAccount, getOwed, listSessions, renameAccount } from './read-account.ts'
import { removeTotp, replaceRecoveryCodes, resetSecondFactor } from './remove-second-factor.ts'
import { beginTotp, confirmTotp } from './set-up-totp.ts'
import { redeemSignInCode, requestSignInCode } from './sign-in-code.ts'

/** What people do with their own account. */
export const accountOperations: readonly AnyOperation[] = [
  getAccount,
  getAccountHistory,
  getOwed,
  listSessions,
  renameAccount,
  endSession,
  endOtherSessions,
  proveSecondFactor,
  confirmIdentity,
  beginTotp,
  confirmTotp,
  removeTotp,
  replaceRecoveryCodes,
  resetSecondFactor,
  recordPasskey,
  renamePasskey,
  removePasskey,
  requestSignInCode,
  redeemSignInCode,
  changePassword,
  requestPasswordReset,
  resetPassword,
  requestEmailChange,
  confirmEmailChange,
]

import type { AnyOperation } from '#portal/platform/operation.ts'
import { getAccount, getOwed, listSessions, renameAccount } from './account.ts'
import { endOtherSessions, endSession } from './end-sessions.ts'
import { proveSecondFactor } from './prove-second-factor.ts'
import { removeTotp, replaceRecoveryCodes, resetSecondFactor } from './remove-second-factor.ts'
import { beginTotp, confirmTotp } from './set-up-totp.ts'

/** What people do with their own account. */
export const accountOperations: readonly AnyOperation[] = [
  getAccount,
  getOwed,
  listSessions,
  renameAccount,
  endSession,
  endOtherSessions,
  proveSecondFactor,
  beginTotp,
  confirmTotp,
  removeTotp,
  replaceRecoveryCodes,
  resetSecondFactor,
]

import { historyPage } from '#portal/modules/audit/inputs.ts'
import { listHistory } from '#portal/modules/audit/queries.ts'
import { read } from '#portal/platform/operation.ts'

/** What the log says of the caller, newest first: what they did, and what was done to their account. */
export const getAccountHistory = read({
  action: 'account.history',
  input: historyPage,
  allow: { role: 'guest' },
  run: async ({ db, input, actor }) => await listHistory(db, { concerning: actor.id }, input),
})

import { listHistory } from '#portal/modules/audit/queries.ts'
import { read } from '#portal/platform/operation.ts'
import { shareHistoryInput } from './inputs.ts'
import { loadScopedShare } from './revoke-share.ts'

/** What happened to one share, newest first, from the audit log. */
export const getShareHistory = read({
  action: 'share.history',
  input: shareHistoryInput,
  allow: { role: 'agency' },
  async run({ db, input, actor }) {
    const { id, ...page } = input
    const share = await loadScopedShare(db, actor, id)
    return await listHistory(db, { share: share.id }, page)
  },
})

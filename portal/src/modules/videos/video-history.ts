import { historyPage } from '#portal/modules/audit/inputs.ts'
import { listHistory } from '#portal/modules/audit/queries.ts'
import { read } from '#portal/platform/operation.ts'
import { videoIdInput } from './inputs.ts'
import { loadOwnVideo } from './queries.ts'

/** What happened to one video of the organisation, newest first, from the audit log. */
export const getVideoHistory = read({
  action: 'video.history',
  input: videoIdInput.extend(historyPage.shape),
  allow: { role: 'agency' },
  async run({ db, input, actor }) {
    const { id, ...page } = input
    return await listHistory(db, { target: (await loadOwnVideo(db, actor, id)).id }, page)
  },
})

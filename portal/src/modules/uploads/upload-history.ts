import { historyPage } from '#portal/modules/audit/inputs.ts'
import { listHistory } from '#portal/modules/audit/queries.ts'
import { read } from '#portal/platform/operation.ts'
import { uploadIdInput } from './inputs.ts'
import { loadOwnUpload } from './queries.ts'

/** What happened to one upload of the organisation, newest first, from the audit log. */
export const getUploadHistory = read({
  action: 'upload.history',
  input: uploadIdInput.extend(historyPage.shape),
  allow: { role: 'agency' },
  async run({ db, input, actor }) {
    const { id, ...page } = input
    return await listHistory(db, { target: (await loadOwnUpload(db, actor, id)).id }, page)
  },
})

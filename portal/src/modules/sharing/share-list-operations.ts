import { checkShares, checkSharesNightly, getShareCheck } from './check-shares.ts'
import { countShares } from './count-shares.ts'
import { exportShares } from './export-shares.ts'
import { deleteShareListView, listShareListViews, saveShareListView } from './share-list-views.ts'

/** What administrators do with the list beside reading it; the registry names them. */
export const shareListOperations = [
  countShares,
  exportShares,
  listShareListViews,
  saveShareListView,
  deleteShareListView,
  checkShares,
  getShareCheck,
]

export const shareListJobs = [checkSharesNightly]

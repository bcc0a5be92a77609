import type { ListedUpload } from '#portal/adapters/video/port.ts'
import type { Compared } from '#portal/modules/uploads/list-compared.ts'
import type { Difference } from './compare-asset.ts'

/** Ends of an upload here. */
export const ENDED: readonly string[] = ['ready', 'failed', 'cancelled', 'timed_out']
const OVER_THERE = ['cancelled', 'errored', 'timed_out']

/** What differs about one upload of the service's list. Pure. What became an asset is told by the list of assets. */
export function compareUpload(upload: ListedUpload, known: Compared | null): Difference[] {
  const about = (kind: Difference['kind']): Difference => ({
    ...{ kind, objectType: 'upload', objectId: upload.id, detail: { status: upload.status } },
    ...{ uploadId: known?.uploadId ?? null, videoId: known?.videoId ?? null },
  })
  if (upload.status === 'waiting') {
    // A place to upload to that no row names: its answer was lost, or its row is gone.
    const isUsed = known?.providerUploadId === upload.id && !ENDED.includes(known.uploadStatus)
    return upload.ours && !isUsed ? [about('upload_orphan')] : []
  }
  const isOurs = known?.providerUploadId === upload.id
  if (isOurs && OVER_THERE.includes(upload.status) && !ENDED.includes(known.uploadStatus))
    return [about('upload_over')]
  return []
}

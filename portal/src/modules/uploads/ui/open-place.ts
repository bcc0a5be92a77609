import { blankItem, type Entry } from './queue-entry.ts'
import type { Place, QueueDoors, QueueItem } from './queue-item.ts'
import { headOf } from './upload-records.ts'

/**
 * Where the bytes of a file go: the place it has, or a new one, which this browser then remembers. Null for a file that is
 * refused before anything is asked of the server.
 */
export async function openPlace(
  doors: QueueDoors,
  entry: Entry,
  change: (change: Partial<QueueItem>) => void,
): Promise<Place | null> {
  const { uploadId } = entry.item
  if (uploadId) return await doors.reopen(uploadId)
  const file = entry.chosen?.file
  if (!file) throw new Error('an upload was begun without its file')
  const seen = await doors.inspect(file)
  if ('refusal' in seen) {
    change({ state: 'refused', error: seen.refusal })
    return null
  }
  entry.head = await headOf(file)
  const place = await doors.begin({
    ...{ filename: file.name, contentType: file.type, size: file.size },
    ...{ headSha256: entry.head, writer: doors.writer },
    ...(seen.durationSeconds === undefined ? {} : { durationSeconds: seen.durationSeconds }),
  })
  // A file that waited over a reload may have been exported anew meanwhile.
  change({ uploadId: place.id, videoId: place.videoId, name: file.name, size: file.size })
  entry.record = { uploadId: place.id, name: file.name, size: file.size }
  if (entry.chosen?.handle) entry.record.handle = entry.chosen.handle
  // A browser that keeps nothing (private windows) asks for the file again after a reload, no more.
  await doors.records.put(entry.record).catch(() => {})
  return place
}

/** What was left open earlier, as it stands in the queue: gone on with, sent elsewhere, or waiting for its file. */
export function reopened(
  upload: { id: string; videoId: string; filename: string; size: number; receivedBytes: number | null },
  where: QueueItem['where'],
  file: { atHand: boolean; askable: boolean },
): QueueItem {
  return {
    ...blankItem,
    key: upload.id,
    uploadId: upload.id,
    videoId: upload.videoId,
    name: upload.filename,
    size: upload.size,
    state: where ? 'elsewhere' : file.atHand ? 'queued' : 'needs-file',
    stored: upload.receivedBytes ?? 0,
    where,
    hasFile: file.atHand || file.askable,
  }
}

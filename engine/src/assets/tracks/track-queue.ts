import type { TrackRow } from '#engine/assets/asset-record.ts'
import type { Queryable } from '#engine/platform/db.ts'
import { addJob } from '#engine/platform/job-runner.ts'

/** Queues the making of a track; all texts embedded in one source are one job, for one pass over it. */
export async function queueTrack(
  tx: Queryable,
  track: Pick<TrackRow, 'id' | 'asset_id' | 'text_source'>,
  runAt?: Date,
): Promise<void> {
  if (track.text_source === 'embedded') {
    const payload = { assetId: track.asset_id }
    return addJob(tx, 'extract_text', payload, { key: `extract_text:${track.asset_id}`, runAt })
  }
  // A speech recogniser takes long: what a person sent, and waits for, does not wait behind it.
  const task = track.text_source === 'generated_vod' ? 'generate_captions' : 'make_track'
  await addJob(tx, task, { trackId: track.id }, { key: `${task}:${track.id}`, runAt })
}

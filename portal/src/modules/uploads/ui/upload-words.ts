import type { ChipTone } from '#portal/ui/chip.tsx'
import type { UploadStep, UploadView } from '../answers.ts'
import type { ChecksumVerdict, UploadStatus } from '../rules.ts'

/** What stands above a failure, and what to do about it. */
type Advice = { title: string; todo: string }

/** Every way in which an upload can fail, in words. */
export const ADVICE: Record<NonNullable<UploadView['errorCode']>, Advice> = {
  empty: { title: 'Empty file', todo: 'Export it again, then upload it.' },
  unreadable: { title: 'File unreadable', todo: 'Check that it plays on your device, or export it as MP4.' },
  cut_short: { title: 'File ends in the middle', todo: 'Export it again to the end, then upload it.' },
  no_picture: { title: 'Neither picture nor sound', todo: 'Choose a file that holds a video.' },
  too_long: { title: 'Too long', todo: 'Cut it into parts, and upload each of them.' },
  too_large: { title: 'Too large', todo: 'Export it with a lower bit rate, or in parts.' },
  checksum: {
    title: 'Checksum differs',
    todo: 'What arrived is not what was sent, so nothing of it is shared. Upload it again.',
  },
  provider_refused: { title: 'Refused by the video service', todo: 'Wait a moment, then upload it again.' },
  provider_failed: {
    title: 'The video service failed',
    todo: 'The file may be fine. Upload it again; if it fails again, export it as MP4.',
  },
  lost: { title: 'Lost by the video service', todo: 'Upload it again.' },
  not_prepared: { title: 'Never began', todo: 'Nothing was sent. Upload it again.' },
  timed_out: { title: 'Timed out', todo: 'The file did not arrive within its time. Upload it again.' },
}

const STATES: Record<UploadStatus, string> = {
  created: 'Begun',
  uploading: 'Uploading',
  processing: 'Processing',
  ready: 'Ready',
  failed: 'Failed',
  cancelled: 'Cancelled',
  timed_out: 'Timed out',
}

export const stateFilters = [
  { value: 'open', label: 'Under way' },
  { value: 'ready', label: 'Ready' },
  { value: 'failed', label: 'Failed' },
  { value: 'timed_out', label: 'Timed out' },
  { value: 'cancelled', label: 'Cancelled' },
]

/** The state in a chip; of a failure, why. */
export function chipOf(upload: UploadView): { tone: ChipTone; words: string; live?: boolean } {
  if (upload.errorCode) return { tone: 'stop', words: ADVICE[upload.errorCode].title }
  if (upload.status === 'ready') return { tone: 'proof', words: 'Ready' }
  if (upload.status === 'cancelled') return { tone: 'neutral', words: 'Cancelled' }
  if (upload.status === 'waiting') return { tone: 'neutral', words: 'Waits for its file' }
  const words = `${upload.status === 'uploading' ? 'Uploading' : 'Processing'} ${upload.progress} %`
  return { tone: 'neutral', words, live: true }
}

/** Whether more is to come by itself. */
export function isMoving({ status }: UploadView): boolean {
  return status === 'waiting' || status === 'uploading' || status === 'processing'
}

/** One step of the timeline: what was reached, and through whom. */
export function stepInWords({ to, by, who, reason }: UploadStep): { state: string; by: string } {
  const why =
    reason && reason in ADVICE ? `: ${ADVICE[reason as keyof typeof ADVICE].title.toLowerCase()}` : ''
  const whom = {
    person: who ?? 'a person',
    provider: who ? `the video service (${who})` : 'the video service',
    reconciler: 'the portal, which asked the video service',
    clock: 'the clock',
    portal: 'the portal',
    database: 'before the timeline was kept, or by hand in the database',
  }[by]
  return { state: `${STATES[to]}${why}`, by: whom }
}

export const CHECKSUM_WORDS: Record<ChecksumVerdict, { tone: ChipTone; words: string }> = {
  pending: { tone: 'neutral', words: 'Not known yet' },
  matched: { tone: 'proof', words: 'What arrived is what was sent' },
  differs: { tone: 'stop', words: 'What arrived is not what was sent' },
  not_sent: { tone: 'neutral', words: 'Not checked: the sender told no checksum' },
  not_offered: { tone: 'neutral', words: 'Not checked by the provider' },
}

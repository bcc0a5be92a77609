import type { FindingView } from '../answers.ts'
import type { FindingKind } from '../rules.ts'

type Words = { label: string; done: string }

/** What a difference is, and what is done about it, in a reader's words. */
export const FINDING_WORDS: Record<FindingKind, Words> = {
  event_missing: { label: 'A webhook never came', done: 'Put in here, and applied' },
  state_behind: { label: 'Here it is behind', done: 'Brought to what the service says' },
  upload_over: { label: 'An upload has ended there', done: 'Ended here too' },
  upload_gone: { label: 'The service knows no such upload', done: 'Ended here as failed' },
  asset_gone: { label: 'A video’s file is gone there', done: 'The video ends, its links with it' },
  upload_orphan: { label: 'A place to upload to that nobody uses', done: 'Cancelled, after a day' },
  asset_orphan: { label: 'A file of ours that no video names', done: 'Deleted there, after a day' },
  asset_extra: { label: 'A second file of one upload', done: 'Deleted there, after a day' },
  asset_undeleted: { label: 'A deleted video still lies there', done: 'Its deletion is asked for again' },
  asset_unmarked: { label: 'Looks like ours, and bears no mark', done: 'Left alone' },
  playback_id_missing: { label: 'A video’s playback ID is gone', done: 'Replaced; open players go on' },
  playback_id_extra: { label: 'A playback ID too many', done: 'Deleted there, after a day' },
  playback_id_public: { label: 'Played without a token', done: 'Closed at once' },
  track_missing: { label: 'A track is gone', done: 'Noted' },
  track_extra: { label: 'A new track', done: 'Noted' },
  track_failed: { label: 'A track that failed', done: 'Left alone' },
  object_refused: {
    label: 'The service refuses to tell of it',
    done: 'Left alone; asked again the next day',
  },
}

export const STATE_WORDS: Record<FindingView['state'], string> = {
  waiting: 'Waits for its day',
  open: 'To be put right',
  held: 'Waits for a person',
  done: 'Put right',
  failed: 'Failed, tried again',
  cleared: 'No longer so',
  reported: 'Reported',
}

/** The words of a kind; its own name where it is newer than this page. */
export const wordsOf = (kind: string): Words =>
  FINDING_WORDS[kind as FindingKind] ?? { label: kind.replaceAll('_', ' '), done: '' }

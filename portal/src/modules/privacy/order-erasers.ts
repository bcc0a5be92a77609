import { abuseEraser } from '#portal/modules/abuse/erase-person.ts'
import { accessEraser } from '#portal/modules/access/erase-person.ts'
import { viewingEraser } from '#portal/modules/analytics/erase-person.ts'
import { subjectEraser } from '#portal/modules/audit/erase-subject.ts'
import { copyEraser } from '#portal/modules/downloads/erase-person.ts'
import { accountCloser, identityEraser } from '#portal/modules/identity/erase-person.ts'
import { limitEraser } from '#portal/modules/limits/erase-person.ts'
import { mailEraser } from '#portal/modules/notifications/erase-person.ts'
import { playbackEraser } from '#portal/modules/playback/erase-person.ts'
import { comparisonEraser } from '#portal/modules/reliability/erase-person.ts'
import { sharingEraser, viewingCloser } from '#portal/modules/sharing/erase-person.ts'
import { uploadEraser } from '#portal/modules/uploads/erase-person.ts'
import { videoEraser } from '#portal/modules/videos/erase-person.ts'
import { webhookEraser } from '#portal/modules/webhooks/erase-person.ts'
import type { Eraser } from '#portal/platform/erasure.ts'

/**
 * Every module's part of an erasure, in the one order: doors are closed first; what hangs on a visit goes before the
 * visit; the account, and then the keys of the log, go last.
 */
export const ERASERS: readonly Eraser[] = [
  accountCloser,
  viewingCloser,
  videoEraser,
  uploadEraser,
  playbackEraser,
  copyEraser,
  viewingEraser,
  sharingEraser,
  mailEraser,
  limitEraser,
  abuseEraser,
  webhookEraser,
  comparisonEraser,
  accessEraser,
  identityEraser,
  subjectEraser,
]

import { assetChecks } from './asset-checks.ts'
import { audioTrackChecks } from './audio-track-checks.ts'
import type { Check } from './check.ts'
import { fixtureChecks } from './fixture-checks.ts'
import { imageChecks } from './image-checks.ts'
import { inputChecks } from './input-checks.ts'
import { playbackChecks } from './playback-checks.ts'
import { playlistChecks } from './playlist-checks.ts'
import { restChecks } from './rest-checks.ts'
import { restrictionChecks } from './restriction-checks.ts'
import { sdkPlaybackChecks } from './sdk-playback-checks.ts'
import { staticRenditionChecks } from './static-rendition-checks.ts'
import { surfaceChecks } from './surface-checks.ts'
import { textTrackChecks } from './text-track-checks.ts'
import { uploadChecks } from './upload-checks.ts'
import { uploadEndChecks } from './upload-end-checks.ts'
import { usageChecks } from './usage-checks.ts'
import { webhookChecks } from './webhook-checks.ts'

/** Everything that the contract demands of an engine, in the order in which it is run. */
export const allChecks: Check[] = [
  ...restChecks,
  ...surfaceChecks,
  ...uploadChecks,
  ...uploadEndChecks,
  ...assetChecks,
  ...inputChecks,
  ...playbackChecks,
  ...playlistChecks,
  ...imageChecks,
  ...restrictionChecks,
  ...textTrackChecks,
  ...audioTrackChecks,
  ...staticRenditionChecks,
  ...sdkPlaybackChecks,
  ...webhookChecks,
  ...usageChecks,
  ...fixtureChecks,
]

import type { AnyJob } from '#portal/platform/job.ts'
import type { AnyOperation } from '#portal/platform/operation.ts'
import { askDownload, getDownload } from './ask-download.ts'
import { prepareCopy } from './prepare-copy.ts'
import { sweepDownloads } from './sweep-downloads.ts'
import { takeDownload } from './take-download.ts'

export const downloadOperations: readonly AnyOperation[] = [askDownload, getDownload, takeDownload]

export const downloadJobs: readonly AnyJob[] = [prepareCopy, sweepDownloads]

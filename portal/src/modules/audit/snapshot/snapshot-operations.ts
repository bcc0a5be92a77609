import type { AnyJob } from '#portal/platform/job.ts'
import type { AnyOperation } from '#portal/platform/operation.ts'
import { askSnapshot, listSnapshots } from './ask-snapshot.ts'
import { endSnapshots, endSnapshotsDaily } from './end-snapshots.ts'
import { takeSnapshot } from './take-snapshot.ts'
import { writeSnapshotJob } from './write-snapshot.ts'

export const snapshotOperations: readonly AnyOperation[] = [
  askSnapshot,
  listSnapshots,
  takeSnapshot,
  endSnapshots,
]

export const snapshotJobs: readonly AnyJob[] = [writeSnapshotJob, endSnapshotsDaily]

import type { Metadata } from 'next'
import Link from 'next/link'
import { readTiers } from '#portal/modules/audit/archive/read-tiers.ts'
import { listSnapshots } from '#portal/modules/audit/snapshot/ask-snapshot.ts'
import { SnapshotDesk } from '#portal/modules/audit/ui/snapshot-desk.tsx'
import { StorageGrowth } from '#portal/modules/audit/ui/storage-growth.tsx'
import { StorageTiers } from '#portal/modules/audit/ui/storage-tiers.tsx'
import { buttonClass } from '#portal/ui/button.tsx'
import { EmptyState } from '#portal/ui/list-states.tsx'
import { ask, decidesOnLog, logAccess, mustBeAdmin, seesLogStorage } from '../../../../../door.ts'

export const metadata: Metadata = { title: 'Storage of the audit log' }

export default async function LogStoragePage() {
  const person = await mustBeAdmin()
  if (!seesLogStorage(person)) return <OtherGroups />
  const seals = decidesOnLog(person)
  const [report, snapshots, until] = await Promise.all([
    ask(readTiers, {}),
    seals ? ask(listSnapshots, {}) : null,
    logAccess(),
  ])
  return (
    <div className="grid grid-cols-1 gap-6">
      <StorageTiers report={report} />
      <StorageGrowth days={report.days} growth={report.growth} />
      {snapshots && <SnapshotDesk snapshots={snapshots.items} mayTake={until !== null} />}
    </div>
  )
}

function OtherGroups() {
  return (
    <EmptyState
      title="Storage is for security, compliance and finance"
      action={
        <Link href="/admin/audit/access" className={buttonClass('plain')}>
          Who may read the log
        </Link>
      }
    >
      Somebody in security puts you into one of these groups. Reading the log itself takes a grant.
    </EmptyState>
  )
}

import type { Metadata } from 'next'
import { getLogHead, getLogKeys } from '#portal/modules/audit/read-log.ts'
import { LogKeys } from '#portal/modules/audit/ui/log-keys.tsx'
import { TimestampList } from '#portal/modules/audit/ui/log-timestamps.tsx'
import { LogWitnesses } from '#portal/modules/audit/ui/log-witnesses.tsx'
import { listTimestamps } from '#portal/modules/audit/witness/list-timestamps.ts'
import { ask, mustBeAdmin } from '../../../../../door.ts'

export const metadata: Metadata = { title: 'Keys, witnesses and time-stamps of the audit log' }

export default async function LogKeysPage() {
  await mustBeAdmin()
  const [keys, head, stamps] = await Promise.all([
    ask(getLogKeys, {}),
    ask(getLogHead, {}),
    ask(listTimestamps, {}),
  ])
  return (
    <div className="grid grid-cols-1 gap-6">
      <LogKeys keys={keys} />
      <LogWitnesses witnesses={head.witnesses} threshold={keys.threshold} />
      <TimestampList stamps={stamps} />
    </div>
  )
}

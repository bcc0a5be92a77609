import type { Metadata } from 'next'
import { TELEMETRY_RANGES, type TelemetryRange } from '#portal/modules/reliability/answers.ts'
import {
  exportTelemetry,
  listTelemetryExports,
} from '#portal/modules/reliability/telemetry/export-telemetry.ts'
import { readTelemetry } from '#portal/modules/reliability/telemetry/read-telemetry.ts'
import { TelemetryDesk } from '#portal/modules/reliability/ui/telemetry-desk.tsx'
import { ask, mustBeAdmin, oneOf } from '../../../../door.ts'

export const metadata: Metadata = { title: 'Metrics' }

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> }

const EXPORTING = new Set<string>(exportTelemetry.allow.groups)

export default async function TelemetryPage({ searchParams }: Props) {
  const { groups } = await mustBeAdmin()
  const asked = oneOf((await searchParams).range)
  const range = TELEMETRY_RANGES.find((one): one is TelemetryRange => one === asked) ?? '24h'
  const [initial, exports] = await Promise.all([ask(readTelemetry, { range }), ask(listTelemetryExports, {})])
  return (
    <TelemetryDesk
      key={range}
      initial={initial}
      exports={exports}
      canExport={groups.some((group) => EXPORTING.has(group))}
    />
  )
}

import Link from 'next/link'
import { classes } from '#portal/ui/classes.ts'
import { TELEMETRY_RANGES, type TelemetryRange } from '../answers.ts'

const NAMES: Record<TelemetryRange, string> = {
  '1h': '1 hour',
  '24h': '24 hours',
  '7d': '7 days',
  '30d': '30 days',
  '180d': '180 days',
}

/** How far back the page looks, kept in the URL. */
export function RangeLinks({ chosen }: { chosen: TelemetryRange }) {
  return (
    <nav aria-label="Time" className="flex flex-wrap gap-1.5">
      {TELEMETRY_RANGES.map((range) => (
        <Link
          key={range}
          href={`/admin/telemetry?range=${range}`}
          prefetch={false}
          replace
          scroll={false}
          aria-current={range === chosen ? 'true' : undefined}
          className={classes(
            'inline-flex h-[30px] items-center rounded-chip border px-2.5 text-xs font-medium max-sm:h-11',
            range === chosen
              ? 'border-ink bg-sunken text-ink'
              : 'border-line text-ink-2 hover:bg-sunken hover:text-ink',
          )}
        >
          {NAMES[range]}
        </Link>
      ))}
    </nav>
  )
}

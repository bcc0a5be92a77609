import type { ShareLimits } from '#portal/modules/sharing/inputs.ts'
import type { LimitsVersion } from '#portal/modules/sharing/set-share-limits.ts'
import { DEFAULT_LIMITS } from '#portal/modules/sharing/share-limits.ts'
import { Instant } from '#portal/ui/time.tsx'

const NAMES: Record<keyof ShareLimits, string> = {
  lifeDays: 'days without asking',
  mostLifeDays: 'days at the most',
  leastAccess: 'weakest way in',
  passwordForLinks: 'password for open links',
  mostViews: 'views at most',
  watermark: 'watermark',
}

/** Every version with who set it, when, and what it changed. */
export function LimitsHistory({ history }: { history: LimitsVersion[] }) {
  return (
    <section aria-labelledby="limits-history" className="grid max-w-[560px] grid-cols-1 gap-3">
      <h2 id="limits-history" className="text-md font-semibold">
        Changes
      </h2>
      {history.length === 0 && <p className="text-ink-2">Nobody has changed what the portal came with.</p>}
      <ol className="grid grid-cols-1 gap-3">
        {history.map((entry, index) => (
          <li key={entry.version} className="border-b border-line pb-3 text-sm last:border-b-0">
            <p className="font-medium">
              {changesOf(history[index + 1]?.limits ?? DEFAULT_LIMITS, entry.limits)}
            </p>
            <p className="text-ink-2">
              Version {entry.version}, {entry.setByName ?? 'a deleted account'}, <Instant at={entry.setAt} />
            </p>
          </li>
        ))}
      </ol>
    </section>
  )
}

function changesOf(before: ShareLimits, after: ShareLimits): string {
  const changed = (Object.keys(NAMES) as (keyof ShareLimits)[])
    .filter((name) => before[name] !== after[name])
    .map((name) => `${NAMES[name]}: ${say(before[name])} → ${say(after[name])}`)
  return changed.length > 0 ? changed.join('; ') : 'Set anew, nothing changed'
}

function say(value: ShareLimits[keyof ShareLimits]): string {
  if (value === null) return 'any'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  return String(value)
}

import type { ShareLimits } from '#portal/modules/sharing/inputs.ts'
import type { LimitsVersion } from '#portal/modules/sharing/set-share-limits.ts'
import { DEFAULT_LIMITS } from '#portal/modules/sharing/share-limits.ts'
import { changeOf, VersionList } from '#portal/ui/version-list.tsx'

const NAMES: Record<keyof ShareLimits, string> = {
  lifeDays: 'Days without asking',
  mostLifeDays: 'Days at the most',
  leastAccess: 'Weakest way in',
  passwordForLinks: 'Password for open links',
  mostViews: 'Views at most',
  watermark: 'Watermark',
}

/** Every version with who set it, when, and what it changed. */
export function LimitsHistory({ history }: { history: LimitsVersion[] }) {
  return (
    <VersionList
      id="limits-history"
      history={history}
      changesOf={(entry, before) => changesOf(before?.limits ?? DEFAULT_LIMITS, entry.limits)}
    />
  )
}

function changesOf(before: ShareLimits, after: ShareLimits): string[] {
  return (Object.keys(NAMES) as (keyof ShareLimits)[]).flatMap((name) =>
    changeOf(NAMES[name], [say(before[name])], [say(after[name])]),
  )
}

function say(value: ShareLimits[keyof ShareLimits]): string {
  if (value === null) return 'any'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  return String(value)
}

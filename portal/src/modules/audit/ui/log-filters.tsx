'use client'

import { usePathname, useRouter, useSearchParams } from 'next/navigation'
import { inputClass } from '#portal/ui/field.tsx'
import { FilterChips } from '#portal/ui/filter-chips.tsx'
import { SearchBox } from '#portal/ui/search-box.tsx'
import { type LogQuery, searchOf } from './log-query.ts'

const areas = [
  { value: 'share', label: 'Shares' },
  { value: 'playback', label: 'Playback' },
  { value: 'video', label: 'Videos' },
  { value: 'upload', label: 'Uploads' },
  { value: 'user', label: 'People' },
  { value: 'audit', label: 'The log itself' },
  { value: 'audit-access', label: 'Access to the log' },
]
const outcomes = [
  { value: 'allowed', label: 'Allowed' },
  { value: 'refused', label: 'Refused' },
  { value: 'failed', label: 'Failed' },
]

/** What the log is searched by, all of it in the address, and what is found as a file. */
export function LogFilters({ query }: { query: LogQuery }) {
  return (
    <div className="grid grid-cols-1 gap-2">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <SearchBox name="text" label="Search codes and IDs" value={query.text} />
        <FilterChips label="Outcome" name="outcome" chosen={query.outcome} choices={outcomes} />
      </div>
      <FilterChips label="Area" name="area" chosen={query.area} choices={areas} />
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2 text-sm">
        <Day label="From" name="from" value={query.from} />
        <Day label="To" name="to" value={query.to} />
        <p className="flex flex-wrap items-center gap-x-2 text-xs text-ink-2">
          What is found, as a file with its proofs:
          {(['csv', 'json'] as const).map((format) => (
            <a
              key={format}
              href={`/api/admin/audit/found?${new URLSearchParams({ ...searchOf(query), format })}`}
              download
              className="inline-flex min-h-6 items-center underline"
            >
              {format === 'csv' ? 'CSV' : 'JSON lines'}
            </a>
          ))}
        </p>
      </div>
    </div>
  )
}

/** One day of the range, in UTC as the log keeps time. */
function Day({ label, name, value }: { label: string; name: 'from' | 'to'; value: string | undefined }) {
  const router = useRouter()
  const path = usePathname()
  const search = useSearchParams()
  function choose(day: string) {
    const query = new URLSearchParams(search)
    query.delete('after')
    if (day) query.set(name, day)
    else query.delete(name)
    router.replace(query.size > 0 ? `${path}?${query}` : path, { scroll: false })
  }
  return (
    <label className="flex items-center gap-2">
      <span className="font-medium">
        {label} <span className="font-normal text-ink-2">(UTC)</span>
      </span>
      <span className="w-40">
        <input
          type="date"
          name={name}
          defaultValue={value}
          className={inputClass}
          onChange={(event) => choose(event.target.value)}
        />
      </span>
    </label>
  )
}

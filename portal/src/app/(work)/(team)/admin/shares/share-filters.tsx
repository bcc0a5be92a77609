'use client'

import { X } from 'lucide-react'
import Link from 'next/link'
import type { ReactNode } from 'react'
import type { ShareView } from '#portal/modules/sharing/answers.ts'
import { queryText, type ShareListQuery } from '#portal/modules/sharing/ui/share-list-query.ts'
import { staffStatusFilters } from '#portal/modules/sharing/ui/status-filters.ts'
import { buttonClass } from '#portal/ui/button.tsx'
import { FilterChips } from '#portal/ui/filter-chips.tsx'
import { SearchBox } from '#portal/ui/search-box.tsx'
import { useApi } from '#portal/ui/use-api.ts'
import { numberInWords } from '#portal/ui/words.ts'

/** The server stops counting here. */
const COUNTED = 1000
const REGIONS = ['AU', 'EU']

/** Search and filters of the staff's list, all of them in the address. */
export function ShareFilters({
  query,
  shares,
  children,
}: {
  query: ShareListQuery
  shares: ShareView[]
  /** stands beside the search */
  children: ReactNode
}) {
  const others = queryText(query, { status: undefined, sort: undefined, order: undefined })
  const counts = useApi<Record<string, number>>(`/api/admin/share-counts?${others}`)
  const inWords = (count: number | undefined) => {
    if (count === undefined) return undefined
    return count > COUNTED ? `${numberInWords(COUNTED)}+` : numberInWords(count)
  }
  const listed = new Set([
    ...REGIONS,
    ...shares.map(({ region }) => region),
    ...(query.region ?? '').split(' '),
  ])
  return (
    <div className="grid grid-cols-1 gap-2">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <SearchBox label="Search owner, video, share ID" value={query.q} />
        {children}
      </div>
      <FilterChips
        label="Status"
        name="status"
        chosen={query.status}
        choices={staffStatusFilters.map((filter) => ({
          ...filter,
          count: inWords(counts.data?.[filter.value]),
        }))}
      />
      <div className="flex flex-wrap gap-x-5 gap-y-2">
        <FilterChips
          label="Ends"
          name="expiresWithinDays"
          all="Any end"
          chosen={query.expiresWithinDays?.toString()}
          choices={[
            { value: '1', label: 'In a day' },
            { value: '7', label: 'In a week' },
            { value: '30', label: 'In 30 days' },
          ]}
        />
        <FilterChips
          label="Residency"
          name="region"
          all="Any region"
          chosen={query.region}
          choices={[...listed].filter(Boolean).map((region) => ({ value: region, label: region }))}
        />
        <FilterChips
          label="Ended links"
          name="ended"
          all="Last 30 days"
          chosen={query.ended}
          choices={[{ value: 'all', label: 'And the archive' }]}
        />
      </div>
      <Narrowed query={query} shares={shares} />
      <p className="flex flex-wrap items-center gap-x-2 gap-y-1 text-xs text-ink-2">
        What is listed, as a file without anybody’s name:
        {(['csv', 'json'] as const).map((format) => (
          <a
            key={format}
            href={`/api/admin/share-export?${queryText(query)}${queryText(query) ? '&' : ''}format=${format}`}
            download
            className="inline-flex h-6 items-center rounded-chip underline"
          >
            {format === 'csv' ? 'CSV' : 'JSON lines'}
          </a>
        ))}
      </p>
    </div>
  )
}

/** An owner or a video that the list is narrowed to, to be taken away again. */
function Narrowed({ query, shares }: { query: ShareListQuery; shares: ShareView[] }) {
  const parts = [
    query.owner && {
      name: 'owner' as const,
      words: `Owner: ${shares[0] ? (query.owner.startsWith('org_') ? shares[0].organisationName : shares[0].createdByName) : query.owner}`,
    },
    query.video && { name: 'video' as const, words: `Video: ${shares[0]?.videoTitle ?? query.video}` },
  ].filter((part) => !!part)
  if (parts.length === 0) return null
  return (
    <nav aria-label="Narrowed to" className="flex flex-wrap gap-1.5">
      {parts.map(({ name, words }) => (
        <Link
          key={name}
          href={`/admin/shares?${queryText(query, { [name]: undefined }) || 'view=all'}`}
          prefetch={false}
          replace
          className={`${buttonClass('plain', true)} max-w-full`}
        >
          <span className="truncate">{words}</span>
          <X size={14} aria-label="Take this filter away" />
        </Link>
      ))}
    </nav>
  )
}

'use client'

import Link from 'next/link'
import { usePathname, useSearchParams } from 'next/navigation'
import { classes } from './classes.ts'

type FilterProps = {
  label: string
  name: string
  chosen: string | undefined
  choices: { value: string; label: string; count?: string | undefined }[]
  /** what stands for no filter */
  all?: string
}

/** One of several filters, kept in the URL; choosing begins at the first page again. */
export function FilterChips({ label, name, chosen, choices, all = 'All' }: FilterProps) {
  const path = usePathname()
  const search = useSearchParams()
  const to = (value: string | null) => {
    const query = new URLSearchParams(search)
    query.delete('after')
    if (value) query.set(name, value)
    else query.delete(name)
    return query.size > 0 ? `${path}?${query}` : path
  }
  return (
    <nav
      aria-label={label}
      className="flex max-w-full flex-wrap gap-1.5 max-sm:-m-1 max-sm:flex-nowrap max-sm:overflow-x-auto max-sm:p-1"
    >
      {[{ value: '', label: all, count: undefined }, ...choices].map((choice) => {
        const here = (chosen ?? '') === choice.value
        return (
          <Link
            key={choice.value}
            href={to(choice.value || null)}
            prefetch={false}
            replace
            scroll={false}
            aria-current={here ? 'true' : undefined}
            className={classes(
              'inline-flex h-[30px] shrink-0 items-center whitespace-nowrap rounded-chip border px-2.5 text-xs font-medium max-sm:h-11',
              here
                ? 'border-ink bg-sunken text-ink'
                : 'border-line text-ink-2 hover:bg-sunken hover:text-ink',
            )}
          >
            {choice.label}
            {choice.count && <span className="mono pl-1.5 text-ink-3">{choice.count}</span>}
          </Link>
        )
      })}
    </nav>
  )
}

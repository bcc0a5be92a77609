'use client'

import Link from 'next/link'
import { usePathname, useSearchParams } from 'next/navigation'
import { buttonClass } from './button.tsx'

/** To the next page by cursor, and back to the first; keeps every filter in the URL. */
export function PageLinks({
  next,
  older = 'Older',
  newest = 'Newest',
}: {
  next: string | null
  older?: string
  newest?: string
}) {
  const path = usePathname()
  const search = useSearchParams()
  const isFirst = !search.has('after')
  if (!next && isFirst) return null
  const to = (after: string | null) => {
    const query = new URLSearchParams(search)
    query.delete('after')
    if (after) query.set('after', after)
    return query.size > 0 ? `${path}?${query}` : path
  }
  return (
    <nav aria-label="Pages of the list" className="flex justify-between gap-2">
      {isFirst ? (
        <span />
      ) : (
        <Link href={to(null)} prefetch={false} className={buttonClass('plain')}>
          {newest}
        </Link>
      )}
      {next && (
        <Link href={to(next)} prefetch={false} className={buttonClass('plain')}>
          {older}
        </Link>
      )}
    </nav>
  )
}

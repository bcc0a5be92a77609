'use client'

import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { classes } from './classes.ts'

/** The pages that belong together, as links. */
export function PageTabs({
  label,
  tabs,
}: {
  label: string
  tabs: readonly { href: string; label: string }[]
}) {
  const path = usePathname()
  return (
    <nav aria-label={label} className="flex gap-1 overflow-x-auto border-b border-line">
      {tabs.map(({ href, label }) => (
        <Link
          key={href}
          href={href}
          prefetch={false}
          aria-current={path === href ? 'page' : undefined}
          className={classes(
            '-mb-px flex min-h-9 shrink-0 items-center border-b-2 px-3 font-medium max-sm:min-h-11',
            path === href ? 'border-ink text-ink' : 'border-transparent text-ink-2 hover:text-ink',
          )}
        >
          {label}
        </Link>
      ))}
    </nav>
  )
}

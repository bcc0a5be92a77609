'use client'

import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { classes } from '#portal/ui/classes.ts'

/** The parts of an account, or of another page with several, as links. */
export function AccountTabs({
  name = 'Account',
  tabs,
}: {
  name?: string
  tabs: readonly { href: string; label: string }[]
}) {
  const path = usePathname()
  return (
    <nav aria-label={name} className="flex gap-1 overflow-x-auto border-b border-line">
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

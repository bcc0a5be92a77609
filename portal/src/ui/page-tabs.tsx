'use client'

import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { useEffect, useRef } from 'react'
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
  const nav = useRef<HTMLElement>(null)
  // On a narrow screen the page one is on may lie beyond the edge.
  useEffect(() => {
    const here = nav.current?.querySelector<HTMLElement>(`[href="${path}"]`)
    if (nav.current && here)
      nav.current.scrollLeft = here.offsetLeft + here.offsetWidth - nav.current.clientWidth
  }, [path])
  return (
    <nav ref={nav} aria-label={label} className="relative flex gap-1 overflow-x-auto border-b border-line">
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

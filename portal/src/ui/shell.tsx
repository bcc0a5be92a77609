'use client'

import { Menu, X } from 'lucide-react'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { type ReactNode, useEffect, useState } from 'react'
import { classes } from './classes.ts'
import { Mark } from './mark.tsx'

export type NavGroup = { label?: string; links: NavLink[] }

type NavLink = {
  href: string
  label: string
  /** how much waits there; nothing is shown for none */
  count?: number
}

function NavLinks({ groups, path }: { groups: NavGroup[]; path: string }) {
  return groups.map((group) => (
    <div key={group.label ?? 'main'} className="grid grid-cols-1 gap-1">
      {group.label && (
        <h2 className="px-2.5 pt-3 text-xs font-medium tracking-normal text-ink-3">{group.label}</h2>
      )}
      {group.links.map(({ href, label, count }) => {
        const here = path === href || path.startsWith(`${href}/`)
        return (
          <Link
            key={href}
            href={href}
            prefetch={false}
            aria-current={here ? 'page' : undefined}
            className={classes(
              'flex min-h-8 items-center rounded-control px-2.5 font-medium max-lg:min-h-11',
              here ? 'bg-sunken text-ink' : 'text-ink-2 hover:bg-sunken hover:text-ink',
            )}
          >
            {label}
            {count ? (
              <span className="mono ml-auto rounded-chip bg-sunken px-1.5 text-xs text-ink">
                {count}
                <span className="sr-only"> waiting</span>
              </span>
            ) : null}
          </Link>
        )
      })}
    </div>
  ))
}

/** Sidebar beside the page; on narrow screens a top bar with a menu. */
export function Shell({
  groups,
  foot,
  children,
}: {
  groups: NavGroup[]
  foot: ReactNode
  children: ReactNode
}) {
  const path = usePathname()
  const [open, setOpen] = useState(false)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the menu closes when the page changes
  useEffect(() => setOpen(false), [path])
  return (
    <div className="min-h-dvh lg:grid lg:grid-cols-[216px_minmax(0,1fr)]">
      <a
        href="#main"
        className="fixed top-2 left-2 z-50 -translate-y-20 rounded-control bg-solid px-3 py-2 text-on-solid focus:translate-y-0"
      >
        Skip to the page
      </a>
      <header className="sticky top-0 z-20 border-b border-line bg-bg lg:h-dvh lg:border-r lg:border-b-0">
        <div className="flex h-14 items-center justify-between px-4 lg:px-5.5">
          <Link
            href="/videos"
            prefetch={false}
            className="flex min-h-11 items-center rounded-control lg:min-h-8"
          >
            <Mark />
          </Link>
          <button
            type="button"
            aria-expanded={open}
            aria-controls="menu"
            aria-label={open ? 'Close the menu' : 'Open the menu'}
            onClick={() => setOpen(!open)}
            className="-mr-2.5 grid size-11 place-items-center rounded-control hover:bg-sunken lg:hidden"
          >
            {open ? <X size={20} aria-hidden /> : <Menu size={20} aria-hidden />}
          </button>
        </div>
        <nav
          id="menu"
          aria-label="Portal"
          className={classes(
            'content-between gap-4 px-3 pb-4 max-lg:max-h-[calc(100dvh-56px)] max-lg:overflow-y-auto lg:grid lg:h-[calc(100dvh-56px)] lg:overflow-y-auto',
            open ? 'grid' : 'hidden',
          )}
          onKeyDown={(event) => event.key === 'Escape' && setOpen(false)}
        >
          <div className="grid grid-cols-1 gap-1">
            <NavLinks groups={groups} path={path} />
          </div>
          <div className="grid grid-cols-1 gap-2">{foot}</div>
        </nav>
      </header>
      <main id="main" tabIndex={-1} className="min-w-0 px-4 py-5 outline-none sm:px-7">
        {children}
      </main>
    </div>
  )
}

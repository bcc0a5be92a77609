'use client'

import { LogOut } from 'lucide-react'
import Link from 'next/link'
import { useState } from 'react'
import { api, sentenceFor } from '#portal/ui/api-client.ts'
import { type Theme, ThemeToggle } from '#portal/ui/theme-toggle.tsx'
import { initials } from '#portal/ui/words.ts'

/** Who is signed in, the colours, and the way out. */
export function AccountFoot({
  name,
  organisation,
  theme,
}: {
  name: string
  organisation: string
  theme: Theme
}) {
  const [error, setError] = useState<string | null>(null)
  async function signOut() {
    try {
      await api('/api/auth/sign-out', { method: 'POST', body: {} })
      location.assign('/')
    } catch (thrown) {
      setError(sentenceFor(thrown))
    }
  }
  return (
    <>
      <div className="px-2.5">
        <ThemeToggle initial={theme} />
      </div>
      <div className="flex items-center gap-2.5 px-2.5 py-1">
        <Link
          href="/account"
          prefetch={false}
          title="Your account"
          className="-mx-1.5 flex min-w-0 flex-1 items-center gap-2.5 rounded-control px-1.5 py-1 hover:bg-sunken max-lg:min-h-11"
        >
          <span
            aria-hidden
            className="grid size-7 shrink-0 place-items-center rounded-full bg-line text-xs font-medium"
          >
            {initials(name)}
          </span>
          <span className="min-w-0 flex-1">
            <span className="block truncate font-medium">{name}</span>
            <span className="block truncate text-xs text-ink-2">{organisation}</span>
          </span>
        </Link>
        <button
          type="button"
          onClick={signOut}
          aria-label="Sign out"
          title="Sign out"
          className="grid size-8 shrink-0 place-items-center rounded-control text-ink-2 hover:bg-sunken hover:text-ink max-lg:size-11"
        >
          <LogOut size={16} aria-hidden />
        </button>
      </div>
      {error && (
        <p role="alert" className="px-2.5 text-xs text-stop">
          {error}
        </p>
      )}
    </>
  )
}

import type { ReactNode } from 'react'

/** Cards in as many columns as fit. */
export function VideoGrid({ children }: { children: ReactNode }) {
  return (
    <ul className="grid grid-cols-[repeat(auto-fill,minmax(min(100%,232px),1fr))] gap-x-[18px] gap-y-6">
      {children}
    </ul>
  )
}

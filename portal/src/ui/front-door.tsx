import type { ReactNode } from 'react'
import { Mark } from './mark.tsx'
import { PrivacyLink } from './privacy-link.tsx'

type FrontDoorProps = {
  title: string
  lead?: ReactNode
  children?: ReactNode
  foot?: ReactNode
  /** the card takes another one's place and is read out */
  announce?: boolean
}

/** One card in the middle of a page, for people who are not inside yet. */
export function FrontDoor({ title, lead, children, foot, announce }: FrontDoorProps) {
  return (
    <main className="grid min-h-dvh place-items-center px-4 py-8">
      <div className="w-full max-w-[420px]">
        <div className="grid grid-cols-1 gap-5 rounded-panel border border-line bg-surface p-7 shadow-float max-sm:p-5">
          <Mark />
          <div role={announce ? 'status' : undefined} className="grid grid-cols-1 gap-1.5">
            <h1>{title}</h1>
            {lead && <div className="text-ink-2">{lead}</div>}
          </div>
          {children}
          {foot && <div className="border-t border-line pt-4 text-xs text-ink-2">{foot}</div>}
        </div>
        <p className="pt-2 text-center text-xs text-ink-2">
          <PrivacyLink className="px-2" />
        </p>
      </div>
    </main>
  )
}

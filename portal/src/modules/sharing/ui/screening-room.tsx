'use client'

import { type ReactNode, useState } from 'react'
import { Button } from '#portal/ui/button.tsx'
import { Chip } from '#portal/ui/chip.tsx'
import { Dialog } from '#portal/ui/dialog.tsx'
import { Mark } from '#portal/ui/mark.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { counted } from '#portal/ui/words.ts'
import type { ViewerGrant } from './viewer-api.ts'

/** The page around a shared video while it plays: the video is the page. */
export function ScreeningRoom({
  grant,
  personal,
  children,
}: {
  grant: ViewerGrant
  personal: boolean
  children: ReactNode
}) {
  const [recorded, setRecorded] = useState(false)
  return (
    <div className="min-h-dvh">
      <header className="flex h-12 items-center justify-between gap-4 px-4 sm:h-14 sm:px-6">
        <Mark />
        {grant.sharedBy && (
          <p className="truncate text-ink-2">
            <span className="max-sm:sr-only">Shared by </span>
            <strong className="font-semibold text-ink">{grant.sharedBy}</strong>
          </p>
        )}
      </header>
      <main className="mx-auto w-full max-w-[min(1152px,calc((100dvh-190px)*16/9))] min-w-0 max-sm:max-w-none sm:min-w-[560px] sm:px-4">
        <div className="aspect-video w-full overflow-hidden bg-[black] shadow-float sm:rounded-[16px]">
          {children}
        </div>
        {grant.note && (
          <p className="mx-4 mt-4 rounded-control bg-sunken px-3 py-2.5 whitespace-pre-wrap sm:mx-0.5">
            {grant.note}
          </p>
        )}
        <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3 px-4 py-5 sm:px-0.5">
          <div className="min-w-0">
            <h1>{grant.title}</h1>
            {grant.sharedBy && <p className="text-ink-2 sm:hidden">Shared by {grant.sharedBy}</p>}
          </div>
          <div className="flex flex-wrap items-center gap-2">
            {personal && (
              <Chip tone="proof" live>
                Private to you
              </Chip>
            )}
            {grant.until && (
              <Chip>
                Until <Instant at={grant.until} />
              </Chip>
            )}
            {typeof grant.viewsLeft === 'number' && (
              <Chip>{grant.viewsLeft === 0 ? 'Last view' : `${counted(grant.viewsLeft, 'view')} left`}</Chip>
            )}
            <Button small onClick={() => setRecorded(true)}>
              What is recorded about you
            </Button>
          </div>
        </div>
      </main>
      <Dialog open={recorded} onClose={() => setRecorded(false)} title="What is recorded about you">
        <ul className="grid list-disc gap-2 pl-5 text-ink-2">
          {personal && (
            <li>The address with which you proved yourself, encrypted. The log knows you by a pseudonym.</li>
          )}
          <li>When you started, that the player kept its access alive, and when it ended.</li>
          <li>
            One cookie that lets this browser go on watching for up to twelve hours. No other cookie, no third
            party.
          </li>
        </ul>
      </Dialog>
    </div>
  )
}

'use client'

import { type ReactNode, useEffect, useRef } from 'react'
import type { EndReason } from '#portal/modules/playback/ui/playback-session.ts'
import { ApiError, sentenceFor } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { FrontDoor } from '#portal/ui/front-door.tsx'
import { Skeleton } from '#portal/ui/list-states.tsx'
import { ProgressBar } from '#portal/ui/progress-bar.tsx'

/** A page that was left open for longer is loaded again by whoever comes back to it. */
const LONGEST_WAIT_SECONDS = 3600

/** Stands under every card of the gate. */
export const honestFoot =
  'Opening this page has not used a view; pressing Watch does. What is recorded about you can be read beside the video.'

const endings: Record<EndReason, { title: string; lead: string }> = {
  revoked: {
    title: 'The owner stopped sharing this video.',
    lead: 'Your view ended at that moment. If you still need it, ask the person who shared it.',
  },
  expired: {
    title: 'The time for this video is over.',
    lead: 'The link was made to end now. If you need longer, ask the person who shared it.',
  },
  video_deleted: {
    title: 'The owner deleted this video.',
    lead: 'There is nothing left to watch here.',
  },
  refused: {
    title: 'Your view has ended.',
    lead: 'If you still need the video, ask the person who shared it.',
  },
}

/** What the server sends for every link, before the browser has asked what this one needs. */
export function OpeningPage() {
  return (
    <FrontDoor
      title="A private video for you"
      lead="This page asks what the link needs: a proved address, a password, or nothing at all."
      foot={honestFoot}
    >
      <div role="status" aria-label="Opening the link" className="grid grid-cols-1 gap-4">
        <Skeleton className="h-[62px] max-sm:h-[70px]" />
        <Skeleton className="h-9 max-sm:h-11" />
      </div>
    </FrontDoor>
  )
}

/** For somebody who was watching: what happened, as far as it was told. */
export function StoppedPage({ reason, children }: { reason: EndReason; children?: ReactNode }) {
  return (
    <FrontDoor announce title={endings[reason].title} lead={endings[reason].lead}>
      {children}
    </FrontDoor>
  )
}

/** For everybody else: one page, whatever the reason; whoever has watched may still read what was recorded. */
export function RefusedPage({ children }: { children?: ReactNode }) {
  return (
    <FrontDoor
      announce
      title="This link does not open."
      lead="It may have ended, been taken back, been used as often or by as many people as it was made for, or been copied without its last part. Ask the person who sent it for a new one."
    >
      {children}
    </FrontDoor>
  )
}

/** For somebody who has proved who they are, on a device that was not the first. */
export function OtherDevicePage() {
  return (
    <FrontDoor
      announce
      title="This link opened on another device first."
      lead="It stays on that one. Go on there, or ask the person who shared it to release the device; then the next one that opens the link takes its place."
    />
  )
}

export function NotReadyPage({ percent }: { percent: number | null }) {
  return (
    <FrontDoor
      announce
      title="The video is still being prepared."
      lead="It begins here by itself as soon as it plays. You can leave this page open; no view has been used."
    >
      {percent !== null && <ProgressBar percent={percent} label="Being prepared" />}
    </FrontDoor>
  )
}

/** A browser that takes no cookie cannot be told apart from any other. */
export function CookiesOffPage() {
  return (
    <FrontDoor
      announce
      title="This browser takes no cookies."
      lead="The link needs one, which says that it is still you who watches. It names nobody, and no one else gets it. Allow cookies for this site, then load the page again."
    />
  )
}

/**
 * No answer, or one that says to come back: nothing was lost, and it goes on by itself when the browser notices the line, or
 * at the time that was named.
 */
export function UnreachablePage({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const retry = useRef(onRetry)
  retry.current = onRetry
  const { status, retryAfterSeconds } =
    error instanceof ApiError ? error : { status: 0, retryAfterSeconds: undefined }
  useEffect(() => {
    const again = () => retry.current()
    addEventListener('online', again)
    const seconds = retryAfterSeconds ?? Number.POSITIVE_INFINITY
    const timer = seconds <= LONGEST_WAIT_SECONDS ? setTimeout(again, seconds * 1000) : undefined
    return () => {
      removeEventListener('online', again)
      clearTimeout(timer)
    }
  }, [retryAfterSeconds])
  return (
    <FrontDoor
      announce
      title={status === 0 ? 'No connection to the portal.' : 'Not just now.'}
      lead={sentenceFor(error)}
    >
      <Button look="solid" onClick={onRetry}>
        Try again
      </Button>
    </FrontDoor>
  )
}

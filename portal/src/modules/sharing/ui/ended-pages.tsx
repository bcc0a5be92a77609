'use client'

import type { EndReason } from '#portal/modules/playback/ui/playback-session.ts'
import { Button } from '#portal/ui/button.tsx'
import { FrontDoor } from '#portal/ui/front-door.tsx'
import { Skeleton } from '#portal/ui/list-states.tsx'

/** Stands under every card of the gate. */
export const honestFoot =
  'Opening this page has not used a view; pressing Watch does. We record when you watch, nothing else.'

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
export function StoppedPage({ reason }: { reason: EndReason }) {
  return <FrontDoor announce title={endings[reason].title} lead={endings[reason].lead} />
}

/** For everybody else: one page, whatever the reason. */
export function RefusedPage() {
  return (
    <FrontDoor
      announce
      title="This link does not open."
      lead="It may have ended, been taken back, or been copied without its last part. Ask the person who sent it for a new one."
    />
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

export function NotReadyPage({ onRetry }: { onRetry: () => void }) {
  return (
    <FrontDoor
      announce
      title="The video is still being prepared."
      lead="This page looks again every few seconds. No view has been used."
    >
      <Button onClick={onRetry}>Look now</Button>
    </FrontDoor>
  )
}

export function UnreachablePage({ sentence, onRetry }: { sentence: string; onRetry: () => void }) {
  return (
    <FrontDoor announce title="No connection to the portal." lead={sentence}>
      <Button look="solid" onClick={onRetry}>
        Try again
      </Button>
    </FrontDoor>
  )
}

import { Skeleton } from '#portal/ui/list-states.tsx'
import { ScreenFrame } from './screen-frame.tsx'

/** The video's still picture, where the video will be. */
export function Poster({ src, onGone }: { src: string; onGone?: () => void }) {
  return (
    // biome-ignore lint/performance/noImgElement: signed and short-lived, nothing for an image cache
    <img src={src} alt="" fetchPriority="high" onError={onGone} className="block size-full object-contain" />
  )
}

/** What somebody who was watching sees at once when they come back. */
export function PosterPage({ src, onGone }: { src: string; onGone?: () => void }) {
  return (
    <ScreenFrame screen={<Poster src={src} {...(onGone ? { onGone } : {})} />}>
      <div className="px-4 py-5 sm:px-0.5">
        <h1 className="sr-only">A private video for you</h1>
        <div role="status" aria-label="Opening the link">
          <Skeleton className="h-7 max-w-[280px]" />
        </div>
      </div>
    </ScreenFrame>
  )
}

import { Skeleton } from '#portal/ui/list-states.tsx'

export default function VideoLoading() {
  return (
    <div role="status" aria-label="Loading the video" className="mx-auto grid max-w-[1100px] gap-5">
      <div className="grid grid-cols-1 gap-2">
        <Skeleton className="h-7 w-72" />
        <Skeleton className="h-[22px] w-44" />
      </div>
      <Skeleton className="aspect-video max-h-[calc(100dvh-180px)] rounded-panel" />
    </div>
  )
}

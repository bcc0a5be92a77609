import { VideoGrid } from '#portal/modules/videos/ui/video-list.tsx'
import { Skeleton } from '#portal/ui/list-states.tsx'

const places = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']

export default function VideosLoading() {
  return (
    <div role="status" aria-label="Loading the videos" className="grid grid-cols-1 gap-5">
      <div className="flex items-start justify-between">
        <div className="grid grid-cols-1 gap-2">
          <Skeleton className="h-7 w-24" />
          <Skeleton className="h-4 w-56" />
        </div>
        <Skeleton className="h-9 w-24" />
      </div>
      <VideoGrid>
        {places.map((place) => (
          <li key={place} className="grid grid-cols-1 content-start gap-2.5">
            <Skeleton className="aspect-video" />
            <Skeleton className="h-5 w-3/4" />
            <Skeleton className="h-[22px] w-24" />
          </li>
        ))}
      </VideoGrid>
    </div>
  )
}

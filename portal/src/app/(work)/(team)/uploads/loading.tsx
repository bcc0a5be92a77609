import { Skeleton, SkeletonRows } from '#portal/ui/list-states.tsx'

export default function UploadsLoading() {
  return (
    <div className="grid grid-cols-1 gap-5">
      <div className="grid grid-cols-1 gap-2">
        <Skeleton className="h-7 w-24" />
        <Skeleton className="h-4 w-72" />
      </div>
      <SkeletonRows label="Loading the uploads" />
    </div>
  )
}

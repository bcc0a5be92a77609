import { Skeleton, SkeletonRows } from '#portal/ui/list-states.tsx'

export default function ListLoading() {
  return (
    <div className="grid grid-cols-1 gap-4">
      <div className="grid grid-cols-1 gap-2">
        <Skeleton className="h-7 w-32" />
        <Skeleton className="h-4 w-80 max-w-full" />
      </div>
      <Skeleton className="h-9 w-[340px] max-w-full" />
      <div className="rounded-card border border-line bg-surface">
        <SkeletonRows rows={10} label="Loading the list" />
      </div>
    </div>
  )
}

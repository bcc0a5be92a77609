import { Skeleton, SkeletonRows } from '#portal/ui/list-states.tsx'

export default function StorageLoading() {
  return (
    <div className="grid grid-cols-1 gap-4">
      <Skeleton className="h-6 w-48" />
      <Skeleton className="h-7" />
      <div className="rounded-card border border-line bg-surface">
        <SkeletonRows rows={6} label="Loading the log’s storage" />
      </div>
      <Skeleton className="h-40" />
    </div>
  )
}

'use client'

import type { ReactNode } from 'react'
import { Button } from './button.tsx'
import { classes } from './classes.ts'

/** Nothing here yet, and the next step. */
export function EmptyState({
  title,
  children,
  action,
}: {
  title: string
  children?: ReactNode
  action?: ReactNode
}) {
  return (
    <div className="grid justify-items-center gap-2 rounded-card border border-dashed border-line-strong px-6 py-14 text-center">
      <h2>{title}</h2>
      {children && <p className="max-w-[46ch] text-ink-2">{children}</p>}
      {action && <div className="pt-2">{action}</div>}
    </div>
  )
}

/** What went wrong in a sentence, and a way to try again. */
export function ErrorState({
  title = 'This did not load',
  children,
  onRetry,
}: {
  title?: string
  children: ReactNode
  onRetry?: () => void
}) {
  return (
    <div
      role="alert"
      className="grid justify-items-center gap-2 rounded-card border border-line bg-surface px-6 py-14 text-center"
    >
      <h2>{title}</h2>
      <p className="max-w-[46ch] text-ink-2">{children}</p>
      {onRetry && (
        <div className="pt-2">
          <Button onClick={onRetry}>Try again</Button>
        </div>
      )}
    </div>
  )
}

/** A grey shape of the size of what will stand there. */
export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={classes('skeleton', className)} />
}

/** Rows of a table that is loading, as high as the rows that come. */
export function SkeletonRows({ rows = 8, label = 'Loading' }: { rows?: number; label?: string }) {
  return (
    <div role="status" aria-label={label} className="grid">
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows that never move
        <div key={row} className="flex h-11 items-center gap-6 border-b border-line px-3">
          <Skeleton className="h-3.5 w-2/5" />
          <Skeleton className="h-3.5 w-1/6" />
          <Skeleton className="h-3.5 w-1/6" />
        </div>
      ))}
    </div>
  )
}

/** A page with one list, before it is there. */
export function ListPageLoading({ label }: { label: string }) {
  return (
    <div className="grid grid-cols-1 gap-5">
      <div className="grid grid-cols-1 gap-2">
        <Skeleton className="h-7 w-24" />
        <Skeleton className="h-4 w-72" />
      </div>
      <SkeletonRows label={label} />
    </div>
  )
}

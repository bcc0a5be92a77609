'use client'

import { useEffect, useRef } from 'react'
import { classes } from './classes.ts'

/** Progress from 0 to 100. The width is set on the element, since the page's policy forbids style attributes. */
export function ProgressBar({
  percent,
  label,
  tone = 'ink',
}: {
  percent: number
  label: string
  tone?: 'ink' | 'still'
}) {
  const bar = useRef<HTMLDivElement>(null)
  const shown = Math.max(0, Math.min(100, percent))
  useEffect(() => {
    bar.current?.style.setProperty('width', `${shown}%`)
  }, [shown])
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuenow={Math.round(shown)}
      aria-valuemin={0}
      aria-valuemax={100}
      className="h-1 w-full overflow-hidden rounded-full bg-line"
    >
      <div
        ref={bar}
        className={classes(
          'h-full w-0 rounded-full transition-[width]',
          tone === 'ink' ? 'bg-solid' : 'bg-ink-3',
        )}
      />
    </div>
  )
}

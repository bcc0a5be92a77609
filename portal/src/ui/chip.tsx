import type { ReactNode } from 'react'
import { classes } from './classes.ts'

export type ChipTone = 'neutral' | 'proof' | 'warn' | 'stop'

const tones: Record<ChipTone, string> = {
  neutral: 'border-line bg-sunken text-ink-2',
  proof: 'border-transparent bg-proof-bg text-proof',
  warn: 'border-transparent bg-warn-bg text-warn',
  stop: 'border-transparent bg-stop-bg text-stop',
}

/** A state in words; `live` adds the dot of something that is happening now. */
export function Chip({
  tone = 'neutral',
  live = false,
  title,
  children,
}: {
  tone?: ChipTone
  live?: boolean
  title?: string
  children: ReactNode
}) {
  return (
    <span
      title={title}
      className={classes(
        'inline-flex h-[22px] max-w-full shrink-0 items-center gap-1.5 rounded-chip border px-2 text-xs font-medium whitespace-nowrap',
        tones[tone],
      )}
    >
      {live && <span aria-hidden className="size-1.5 shrink-0 rounded-full bg-current" />}
      <span className="truncate">{children}</span>
    </span>
  )
}

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
  wrap = false,
  title,
  children,
}: {
  tone?: ChipTone
  live?: boolean
  /** long words take two lines where there is no room for one */
  wrap?: boolean
  title?: string
  children: ReactNode
}) {
  return (
    <span
      title={title}
      className={classes(
        'inline-flex min-h-[22px] max-w-full items-center gap-1.5 rounded-chip border px-2 text-xs font-medium',
        wrap ? 'leading-4 break-words' : 'h-[22px] shrink-0 whitespace-nowrap',
        tones[tone],
      )}
    >
      {live && <span aria-hidden className="size-1.5 shrink-0 rounded-full bg-current" />}
      <span className={wrap ? undefined : 'truncate'}>{children}</span>
    </span>
  )
}

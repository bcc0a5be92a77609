import type { ComponentProps } from 'react'
import { classes } from './classes.ts'

export type ButtonLook = 'plain' | 'solid' | 'stop' | 'quiet'

const looks: Record<ButtonLook, string> = {
  plain: 'border-line-strong bg-surface text-ink hover:bg-sunken',
  solid: 'border-solid bg-solid text-on-solid hover:opacity-90',
  stop: 'border-[color-mix(in_oklch,var(--stop)_45%,var(--line))] bg-surface text-stop hover:bg-stop-bg',
  quiet: 'border-transparent bg-transparent text-ink-2 hover:bg-sunken hover:text-ink',
}

/** The class of a button, for links that look like one. */
export function buttonClass(look: ButtonLook = 'plain', small = false): string {
  return classes(
    'inline-flex shrink-0 items-center justify-center gap-2 rounded-control border font-medium whitespace-nowrap select-none',
    'transition-[background-color,opacity,color] disabled:opacity-55 aria-disabled:opacity-55',
    small ? 'h-[30px] px-2.5 text-sm max-sm:min-h-11' : 'h-9 px-3.5 text-base max-sm:min-h-11',
    looks[look],
  )
}

type ButtonProps = ComponentProps<'button'> & {
  look?: ButtonLook
  small?: boolean
  /** keeps its width and says so to assistive technology while the act runs */
  busy?: boolean
}

export function Button({
  look,
  small,
  busy,
  className,
  children,
  disabled,
  type = 'button',
  ...rest
}: ButtonProps) {
  return (
    <button
      type={type}
      className={classes(buttonClass(look, small), className)}
      disabled={disabled}
      aria-disabled={busy || undefined}
      aria-busy={busy || undefined}
      {...rest}
      onClick={busy ? (event) => event.preventDefault() : rest.onClick}
    >
      {children}
    </button>
  )
}

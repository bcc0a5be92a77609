'use client'

import { type ComponentProps, type ReactNode, useId } from 'react'
import { classes } from './classes.ts'

export const inputClass =
  'h-9 w-full min-w-0 rounded-control border border-line-strong bg-surface px-3 text-base text-ink max-sm:h-11 max-sm:text-[16px] ' +
  'placeholder:text-ink-3 aria-invalid:border-stop disabled:opacity-55'

type Labelled = { label: ReactNode; hint?: ReactNode; error?: string; optional?: boolean; className?: string }

function describedBy(id: string, hint: ReactNode, error: string | undefined): string | undefined {
  return [hint ? `${id}-hint` : '', error ? `${id}-error` : ''].filter(Boolean).join(' ') || undefined
}

function Frame({
  id,
  label,
  hint,
  error,
  optional,
  className,
  children,
}: Labelled & { id: string; children: ReactNode }) {
  return (
    <div className={classes('grid grid-cols-1 content-start gap-1.5', className)}>
      <label htmlFor={id} className="text-sm font-medium">
        {label} {optional && <span className="font-normal text-ink-3">(optional)</span>}
      </label>
      {children}
      {hint && (
        <p id={`${id}-hint`} className="text-xs text-ink-2">
          {hint}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} className="text-xs font-medium text-stop">
          {error}
        </p>
      )}
    </div>
  )
}

/** A labelled input with a hint and an error that assistive technology reads with it. */
export function Field({
  label,
  hint,
  error,
  optional,
  className,
  ...input
}: Labelled & Omit<ComponentProps<'input'>, 'className'>) {
  const id = useId()
  return (
    <Frame {...{ id, label, hint, error, optional, className }}>
      <input
        {...input}
        id={id}
        className={inputClass}
        aria-invalid={error ? true : undefined}
        aria-describedby={describedBy(id, hint, error)}
      />
    </Frame>
  )
}

/** A labelled choice from a short list. */
export function Choice({
  label,
  hint,
  error,
  optional,
  className,
  ...select
}: Labelled & Omit<ComponentProps<'select'>, 'className'>) {
  const id = useId()
  return (
    <Frame {...{ id, label, hint, error, optional, className }}>
      <select
        {...select}
        id={id}
        className={inputClass}
        aria-invalid={error ? true : undefined}
        aria-describedby={describedBy(id, hint, error)}
      />
    </Frame>
  )
}

/** A labelled field of several lines. */
export function TextArea({
  label,
  hint,
  error,
  optional,
  className,
  ...area
}: Labelled & Omit<ComponentProps<'textarea'>, 'className'>) {
  const id = useId()
  return (
    <Frame {...{ id, label, hint, error, optional, className }}>
      <textarea
        rows={3}
        {...area}
        id={id}
        className={classes(inputClass, 'h-auto py-2 max-sm:h-auto')}
        aria-invalid={error ? true : undefined}
        aria-describedby={describedBy(id, hint, error)}
      />
    </Frame>
  )
}

/** A box to tick, with what it means below its name. */
export function Tick({
  label,
  hint,
  ...input
}: { label: ReactNode; hint?: ReactNode } & Omit<ComponentProps<'input'>, 'type' | 'className'>) {
  const id = useId()
  return (
    <div className="grid grid-cols-[auto_1fr] gap-x-3 max-sm:min-h-11 max-sm:content-center">
      <input
        {...input}
        id={id}
        type="checkbox"
        className="mt-0.5 size-4 shrink-0 accent-[var(--solid)]"
        aria-describedby={hint ? `${id}-hint` : undefined}
      />
      <label htmlFor={id} className="cursor-pointer text-sm font-medium">
        {label}
      </label>
      {hint && (
        <p id={`${id}-hint`} className="col-start-2 text-xs text-ink-2">
          {hint}
        </p>
      )}
    </div>
  )
}

/** One sentence above a form's button, read out when it appears. */
export function FormError({ children }: { children: string | null | undefined }) {
  return (
    <div
      role="alert"
      className={children ? 'rounded-control bg-stop-bg px-3 py-2 text-sm text-stop' : 'sr-only'}
    >
      {children}
    </div>
  )
}

'use client'

import { useEffect, useId, useRef, useState } from 'react'
import { classes } from './classes.ts'

const LENGTH = 6

/** Six boxes over one field: typing, pasting and the phone's own suggestion of a one-time code all work. */
export function CodeInput({
  value,
  onChange,
  label,
  invalid,
  autoFocus,
}: {
  value: string
  onChange: (code: string) => void
  label: string
  invalid?: boolean
  autoFocus?: boolean
}) {
  const [focused, setFocused] = useState(false)
  const id = useId()
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (autoFocus) input.current?.focus()
  }, [autoFocus])
  const active = Math.min(value.length, LENGTH - 1)
  return (
    <div className="relative">
      <label htmlFor={id} className="sr-only">
        {label}
      </label>
      <div aria-hidden className="grid grid-cols-6 gap-2">
        {Array.from({ length: LENGTH }, (_, place) => (
          <span
            // biome-ignore lint/suspicious/noArrayIndexKey: six fixed places
            key={place}
            className={classes(
              'grid h-[52px] place-items-center rounded-control border bg-sunken font-mono text-[22px]',
              invalid ? 'border-stop' : 'border-line-strong',
              focused && place === active && 'outline-2 outline-offset-1 outline-focus',
            )}
          >
            {value[place] ?? ''}
          </span>
        ))}
      </div>
      <input
        id={id}
        value={value}
        onChange={(event) => onChange(event.target.value.replace(/\D/g, '').slice(0, LENGTH))}
        onFocus={() => setFocused(true)}
        onBlur={() => setFocused(false)}
        autoComplete="one-time-code"
        inputMode="numeric"
        pattern="\d{6}"
        aria-invalid={invalid || undefined}
        ref={input}
        required
        className="absolute inset-0 h-full w-full bg-transparent text-[22px] text-transparent caret-transparent opacity-0 outline-none"
      />
    </div>
  )
}

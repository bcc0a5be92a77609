'use client'

import { Check, Copy } from 'lucide-react'
import { useRef, useState } from 'react'
import { Button } from './button.tsx'
import { inputClass } from './field.tsx'

/** A value to take away: selected at focus, copied by one press, said aloud when it is. */
export function CopyField({ value, label }: { value: string; label: string }) {
  const input = useRef<HTMLInputElement>(null)
  const [copied, setCopied] = useState(false)
  async function copy() {
    input.current?.select()
    try {
      await navigator.clipboard.writeText(value)
      setCopied(true)
      setTimeout(() => setCopied(false), 2500)
    } catch {
      // The text is selected; the keyboard's own copy still works.
      input.current?.focus()
    }
  }
  return (
    <div className="flex gap-2 max-sm:flex-col">
      <input
        ref={input}
        readOnly
        value={value}
        aria-label={label}
        className={`${inputClass} mono`}
        onFocus={(event) => event.currentTarget.select()}
      />
      <Button onClick={copy} look="solid">
        {copied ? <Check size={16} aria-hidden /> : <Copy size={16} aria-hidden />}
        {copied ? 'Copied' : 'Copy'}
      </Button>
      <span role="status" className="sr-only">
        {copied ? 'Copied to the clipboard' : ''}
      </span>
    </div>
  )
}

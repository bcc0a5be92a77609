'use client'

import { Search } from 'lucide-react'
import { usePathname, useRouter, useSearchParams } from 'next/navigation'
import { type FormEvent, useEffect, useRef } from 'react'
import { inputClass } from './field.tsx'

const PAUSE_MS = 300

/** A search that lives in the URL: types itself in after a pause, `/` jumps to it, Esc empties it. */
export function SearchBox({
  name = 'q',
  label,
  value,
}: {
  name?: string
  label: string
  value: string | undefined
}) {
  const input = useRef<HTMLInputElement>(null)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const router = useRouter()
  const path = usePathname()
  const search = useSearchParams()

  function ask(text: string) {
    clearTimeout(timer.current)
    const query = new URLSearchParams(search)
    query.delete('after')
    if (text.trim()) query.set(name, text.trim())
    else query.delete(name)
    if (query.get(name) !== search.get(name))
      router.replace(query.size > 0 ? `${path}?${query}` : path, { scroll: false })
  }

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const typing =
        event.target instanceof Element && event.target.closest('input, textarea, select, dialog')
      if (event.key !== '/' || typing || event.ctrlKey || event.metaKey || event.altKey) return
      event.preventDefault()
      input.current?.focus()
      input.current?.select()
    }
    document.addEventListener('keydown', onKey)
    return () => {
      document.removeEventListener('keydown', onKey)
      clearTimeout(timer.current)
    }
  }, [])

  return (
    <search className="w-full sm:max-w-[340px]">
      <form
        className="relative"
        onSubmit={(event: FormEvent) => {
          event.preventDefault()
          ask(input.current?.value ?? '')
        }}
      >
        <Search
          size={15}
          aria-hidden
          className="pointer-events-none absolute top-1/2 left-3 -translate-y-1/2 text-ink-3"
        />
        <input
          ref={input}
          type="search"
          name={name}
          aria-label={label}
          aria-keyshortcuts="/"
          placeholder={`${label}  /`}
          defaultValue={value}
          maxLength={100}
          className={`${inputClass} pl-9`}
          onChange={(event) => {
            const { value: text } = event.target
            clearTimeout(timer.current)
            timer.current = setTimeout(() => ask(text), PAUSE_MS)
          }}
          onKeyDown={(event) => {
            if (event.key !== 'Escape') return
            event.currentTarget.value = ''
            ask('')
          }}
        />
      </form>
    </search>
  )
}

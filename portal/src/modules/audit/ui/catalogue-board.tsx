'use client'

import { useState } from 'react'
import { CONTROLS } from '#portal/modules/audit/rules.ts'
import { Chip } from '#portal/ui/chip.tsx'
import { inputClass } from '#portal/ui/field.tsx'
import { EmptyState } from '#portal/ui/list-states.tsx'
import { counted } from '#portal/ui/words.ts'
import { type EventType, eventTypes } from './event-catalogue.ts'

const ALL = eventTypes()

/** Every type of event: what it says, its label, the controls that it is evidence of, and how long it is kept. */
export function EventTypes({ version }: { version: number }) {
  const [text, setText] = useState('')
  const wanted = text.trim().toLowerCase()
  const found = ALL.filter((type) =>
    [type.action, type.says, type.classification, ...type.controls].join(' ').toLowerCase().includes(wanted),
  )
  return (
    <div className="grid grid-cols-1 gap-4">
      <p className="max-w-[72ch] text-sm text-ink-2">
        Every event follows version {version} of one schema:{' '}
        <a className="underline" href="/api/audit/event.schema.json">
          JSON Schema
        </a>
        . The list below is also there{' '}
        <a className="underline" href="/api/audit/event-types">
          as JSON
        </a>
        . Personal data stands in none of them but encrypted under that person’s own key.
      </p>
      <search className="flex flex-wrap items-center gap-3">
        <input
          type="search"
          aria-label="Filter event types"
          placeholder="Action, words, label, control"
          value={text}
          onChange={(event) => setText(event.target.value)}
          className={`${inputClass} sm:max-w-[340px]`}
        />
        <span role="status" className="text-sm text-ink-2">
          {counted(found.length, 'type')}
        </span>
      </search>
      {found.length === 0 ? (
        <EmptyState title="No type is like this" />
      ) : (
        <ul aria-label="Event types" className="overflow-hidden rounded-card border border-line bg-surface">
          {found.map((type) => (
            <TypeRow key={type.action} type={type} />
          ))}
        </ul>
      )}
      <details>
        <summary className="min-h-6 text-sm font-medium">What the controls ask for</summary>
        <dl className="grid grid-cols-1 gap-x-4 gap-y-1 pt-3 text-sm sm:grid-cols-[auto_1fr]">
          {Object.entries(CONTROLS).map(([name, what]) => (
            <div key={name} className="contents">
              <dt className="font-medium whitespace-nowrap">{name}</dt>
              <dd className="pb-2 text-ink-2 sm:pb-0">{what}</dd>
            </div>
          ))}
        </dl>
      </details>
    </div>
  )
}

function TypeRow({ type }: { type: EventType }) {
  return (
    <li className="grid grid-cols-1 gap-1 border-b border-line px-4 py-2.5 last:border-b-0 md:grid-cols-[minmax(0,1fr)_minmax(0,1.4fr)] md:items-center md:gap-4">
      <div className="min-w-0">
        <p className="font-medium break-words">{type.says}</p>
        <p className="mono text-xs break-all text-ink-2">{type.action}</p>
      </div>
      <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">
        <Chip>{type.classification}</Chip>
        <span className="text-xs text-ink-2">{type.controls.join(' · ')}</span>
        <span className="text-xs whitespace-nowrap text-ink-2">{type.retentionDays} days</span>
      </div>
    </li>
  )
}

'use client'

import { Chip } from '#portal/ui/chip.tsx'
import { Instant } from '#portal/ui/time.tsx'
import type { WebhookView } from '../answers.ts'
import { stateInWords } from './webhook-words.ts'

/** Events, newest first; each opens its detail. */
export function EventRows({ events, onOpen }: { events: WebhookView[]; onOpen: (id: string) => void }) {
  return (
    <ul className="rounded-card border border-line bg-surface">
      {events.map((event) => {
        const { words, tone } = stateInWords(event)
        return (
          <li key={event.id} className="border-b border-line last:border-b-0">
            <button
              type="button"
              onClick={() => onOpen(event.id)}
              className="grid w-full grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-0.5 px-4 py-2.5 text-left hover:bg-sunken"
            >
              <span className="mono truncate font-medium">{event.type}</span>
              <Chip tone={tone}>{words}</Chip>
              <span className="col-span-2 text-sm text-ink-2">
                <Instant at={event.receivedAt} />
                {event.synthetic && ' · filled in, it never came'}
                {event.receivedCount > 1 && ` · came ${event.receivedCount} times`}
                {event.attempts > 1 && ` · tried ${event.attempts} times`}
                {event.lastError && ` · ${event.lastError}`}
              </span>
            </button>
          </li>
        )
      })}
    </ul>
  )
}

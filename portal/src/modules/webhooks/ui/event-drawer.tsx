'use client'

import { type FormEvent, useEffect, useState } from 'react'
import { sentenceFor } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { Chip } from '#portal/ui/chip.tsx'
import { Dialog } from '#portal/ui/dialog.tsx'
import { FormError, TextArea } from '#portal/ui/field.tsx'
import { Skeleton } from '#portal/ui/list-states.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { useSend } from '#portal/ui/use-send.ts'
import type { WebhookDetail } from '../answers.ts'
import { discard, getLetter } from './webhook-api.ts'
import { stateInWords, tryInWords } from './webhook-words.ts'

/** One event: what is kept of it, each try, what happens next, and for a dead letter the two things to do. */
export function EventDrawer({
  id,
  canMend,
  onClose,
  onReplay,
  onChanged,
}: {
  id: string | null
  canMend: boolean
  onClose: () => void
  onReplay: (id: string) => void
  onChanged: () => void
}) {
  const [event, setEvent] = useState<WebhookDetail | null>(null)
  const [error, setError] = useState<string | null>(null)
  useEffect(() => {
    setEvent(null)
    setError(null)
    if (!id) return
    const abort = new AbortController()
    getLetter(id, abort.signal)
      .then(setEvent)
      .catch((thrown: unknown) => {
        if (!abort.signal.aborted) setError(sentenceFor(thrown))
      })
    return () => abort.abort()
  }, [id])
  const dead = event?.state === 'dead' && !event.replayId
  return (
    <Dialog open={id !== null} onClose={onClose} title="Webhook" shape="drawer">
      <FormError>{error}</FormError>
      {!event && !error && <Skeleton className="h-40 w-full" />}
      {event && <Facts event={event} />}
      {event && dead && canMend && (
        <Mend event={event} onReplay={() => onReplay(event.id)} onDiscarded={onChanged} />
      )}
    </Dialog>
  )
}

function Facts({ event }: { event: WebhookDetail }) {
  const { words, tone } = stateInWords(event)
  return (
    <div className="grid grid-cols-1 gap-4">
      <div className="grid grid-cols-1 gap-1">
        <p className="mono font-medium break-words">{event.type}</p>
        <p className="flex flex-wrap items-center gap-2">
          <Chip tone={tone}>{words}</Chip>
          {event.nextTryAt && (
            <span className="text-sm text-ink-2">
              next try <Instant at={event.nextTryAt} />
            </span>
          )}
        </p>
        <p className="text-sm text-ink-2">
          Happened <Instant at={event.occurredAt} />, came <Instant at={event.receivedAt} />
          {event.receivedCount > 1 && `, ${event.receivedCount} times`}.
        </p>
        {event.discardReason && <p className="text-sm">Discarded: {event.discardReason}</p>}
      </div>
      <section aria-label="Tries" className="grid grid-cols-1 gap-2">
        <h3 className="text-md font-semibold">Tries</h3>
        {event.tries.length === 0 ? (
          <p className="text-sm text-ink-2">
            {event.state === 'pending' ? 'Not tried yet.' : 'Applied at the first try.'}
          </p>
        ) : (
          <ol className="grid grid-cols-1 gap-2">
            {event.tries.map((one) => (
              <li key={one.number} className="border-l-2 border-line-strong pl-3 text-sm">
                <span className="block">{tryInWords(one)}</span>
                <span className="block text-ink-2">
                  <Instant at={one.at} />
                </span>
                {one.error && <span className="mono block break-words text-ink-2">{one.error}</span>}
              </li>
            ))}
          </ol>
        )}
      </section>
      <section aria-label="What is kept of it" className="grid grid-cols-1 gap-2">
        <h3 className="text-md font-semibold">What is kept of it</h3>
        <pre
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
          tabIndex={0}
          className="mono overflow-x-auto rounded-control bg-sunken p-3 text-xs"
        >
          {JSON.stringify({ object: event.objectId, ...event.payload }, null, 2)}
        </pre>
      </section>
    </div>
  )
}

function Mend({
  event,
  onReplay,
  onDiscarded,
}: {
  event: WebhookDetail
  onReplay: () => void
  onDiscarded: () => void
}) {
  const [reason, setReason] = useState('')
  const { busy, error, fields, send } = useSend()
  function submit(submitted: FormEvent) {
    submitted.preventDefault()
    void send(async () => {
      await discard(event.id, reason.trim())
      onDiscarded()
    })
  }
  return (
    <div className="grid grid-cols-1 gap-4 border-t border-line pt-4">
      <Button look="solid" onClick={onReplay}>
        Replay…
      </Button>
      <form onSubmit={submit} className="grid grid-cols-1 gap-3">
        <FormError>{error}</FormError>
        <TextArea
          label="Why it may be given up"
          hint="It is never tried again. The reason stays with it; no names, no addresses."
          rows={2}
          maxLength={300}
          required
          minLength={3}
          value={reason}
          error={fields.reason}
          onChange={(change) => setReason(change.target.value)}
        />
        <Button type="submit" look="stop" busy={busy}>
          Discard for good
        </Button>
      </form>
    </div>
  )
}

'use client'

import { api } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { Chip, type ChipTone } from '#portal/ui/chip.tsx'
import { FormError } from '#portal/ui/field.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { useSend } from '#portal/ui/use-send.ts'
import type { LimitOverride } from '../answers.ts'
import { LIMIT_CLASSES } from '../rules.ts'

const STATES: Record<LimitOverride['status'], [string, ChipTone]> = {
  pending: ['Waits for a second person', 'warn'],
  running: ['Runs now', 'proof'],
  declined: ['Declined', 'neutral'],
  ended: ['Ended', 'neutral'],
  expired: ['Over', 'neutral'],
  lapsed: ['Lapsed', 'neutral'],
}

/** Higher limits for a while: who asked, why, who agreed, until when. */
export function OverrideList({
  overrides,
  decides,
  self,
  onDone,
}: {
  overrides: LimitOverride[]
  /** The reader may decide over what others asked for. */
  decides: boolean
  self: string
  onDone: () => void
}) {
  const { error, send } = useSend()
  const act = (path: string) =>
    void send(async () => {
      await api(path, { method: 'POST', body: {} })
      onDone()
    })
  return (
    <section aria-labelledby="limit-overrides" className="grid grid-cols-1 gap-3">
      <h2 id="limit-overrides">Higher limits for a while</h2>
      <FormError>{error}</FormError>
      {overrides.length === 0 ? (
        <p className="text-ink-2">Nobody asked for more. A second person agrees, and each ends by itself.</p>
      ) : (
        <ul className="overflow-hidden rounded-card border border-line bg-surface">
          {overrides.map((one) => (
            <li
              key={one.id}
              className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-4 py-3 last:border-b-0"
            >
              <OverrideWords override={one} />
              <OverrideActs
                override={one}
                another={decides && one.askedBy !== self && one.subject.id !== self}
                act={act}
              />
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

const KINDS = { user: 'person', organisation: 'organisation', share: 'link' }

function OverrideWords({ override: one }: { override: LimitOverride }) {
  return (
    <div className="min-w-0 flex-1 basis-72">
      <p className="font-medium break-words">
        {LIMIT_CLASSES[one.class].title}: {one.quota.toLocaleString('en-AU')} for{' '}
        {one.subject.name ?? `${KINDS[one.subject.kind]} ${one.subject.id}`}
      </p>
      <p className="text-xs break-words text-ink-2">
        {one.reason} · asked by {one.askedByName ?? 'a deleted account'}
        {one.decidedByName &&
          ` · ${one.status === 'declined' ? 'declined' : 'agreed'} by ${one.decidedByName}`}
        {' · until '}
        <Instant at={one.expiresAt} />
      </p>
    </div>
  )
}

function OverrideActs({
  override: { id, status, reason },
  another,
  act,
}: {
  override: LimitOverride
  another: boolean
  act: (path: string) => void
}) {
  const [word, tone] = STATES[status]
  return (
    <>
      <Chip tone={tone} live={status === 'running'}>
        {word}
      </Chip>
      {status === 'pending' && another && (
        <span className="flex gap-2">
          <Button
            aria-label={`Decline: ${reason}`}
            onClick={() => act(`/api/admin/limits/overrides/${id}/decline`)}
          >
            Decline
          </Button>
          <Button
            look="solid"
            aria-label={`Agree: ${reason}`}
            onClick={() => act(`/api/admin/limits/overrides/${id}/approve`)}
          >
            Agree
          </Button>
        </span>
      )}
      {(status === 'running' || (status === 'pending' && !another)) && (
        <Button
          aria-label={`${status === 'running' ? 'End now' : 'Withdraw'}: ${reason}`}
          onClick={() => act(`/api/limits/overrides/${id}/end`)}
        >
          {status === 'running' ? 'End now' : 'Withdraw'}
        </Button>
      )}
    </>
  )
}

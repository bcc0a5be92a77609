'use client'

import { useState } from 'react'
import { api } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { Chip } from '#portal/ui/chip.tsx'
import { FormError, TextArea } from '#portal/ui/field.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { useSend } from '#portal/ui/use-send.ts'
import { counted } from '#portal/ui/words.ts'
import type { AlertView } from '../answers.ts'
import { detailsInWords, SEVERITY_TONES, toldInWords } from './alert-words.ts'

/** One alert: what is wrong, since when, who was told, who looks after it; open ones can be taken on or ended. */
export function AlertCard({
  alert,
  canSettle,
  onSettled,
}: {
  alert: AlertView
  canSettle: boolean
  onSettled: () => void
}) {
  const id = `alert-${alert.id}`
  const details = detailsInWords(alert.details)
  return (
    <article
      aria-labelledby={id}
      className="grid grid-cols-1 gap-3 rounded-card border border-line bg-surface p-4"
    >
      <div className="flex flex-wrap items-center gap-2">
        <Chip tone={alert.resolvedAt ? 'neutral' : SEVERITY_TONES[alert.severity]}>{alert.severity}</Chip>
        <h2 id={id} className="min-w-0 text-md font-semibold">
          {alert.summary}
        </h2>
      </div>
      <p className="text-sm break-words text-ink-2">
        <span className="mono text-ink">{alert.key}</span>
        {details && ` · ${details}`}
      </p>
      {alert.runbook && !alert.resolvedAt && (
        <p className="text-sm">
          <a className={linkClass} href={alert.runbook.path}>
            What to do: {alert.runbook.name}
          </a>
        </p>
      )}
      <p className="text-sm text-ink-2">
        Since <Instant at={alert.raisedAt} />
        {alert.count > 1 && (
          <>
            , {counted(alert.count, 'time')}, last <Instant at={alert.lastRaisedAt} />
          </>
        )}
        {toldInWords(alert.told).map(({ channel, words, failed }) => (
          <span key={channel} className={failed ? 'text-stop' : undefined}>
            {' · '}
            {words}
          </span>
        ))}
      </p>
      {alert.acknowledgedAt && (
        <p className="text-sm text-ink-2">
          {alert.acknowledgedByName} acknowledged it <Instant at={alert.acknowledgedAt} />:{' '}
          {alert.acknowledgeReason}
        </p>
      )}
      {alert.resolvedAt && (
        <p className="text-sm text-ink-2">
          {alert.resolvedByName ? `Ended by ${alert.resolvedByName}` : 'Cleared by itself'}{' '}
          <Instant at={alert.resolvedAt} />
          {alert.resolveReason && `: ${alert.resolveReason}`}
        </p>
      )}
      {!alert.resolvedAt && canSettle && <Settle alert={alert} onSettled={onSettled} />}
    </article>
  )
}

const linkClass = 'inline-flex min-h-8 items-center underline underline-offset-2 max-sm:min-h-11'

type Act = 'acknowledge' | 'resolve'

function Settle({ alert, onSettled }: { alert: AlertView; onSettled: () => void }) {
  const [act, setAct] = useState<Act | null>(null)
  const [reason, setReason] = useState('')
  const { busy, error, fields, send } = useSend()
  if (act === null)
    return (
      <div className="flex flex-wrap gap-2">
        {!alert.acknowledgedAt && (
          <Button small onClick={() => setAct('acknowledge')}>
            Acknowledge…
          </Button>
        )}
        <Button small look="stop" onClick={() => setAct('resolve')}>
          Resolve…
        </Button>
      </div>
    )
  return (
    <form
      className="grid gap-3"
      onSubmit={(event) => {
        event.preventDefault()
        void send(async () => {
          await api(`/api/admin/alerts/${alert.id}/${act}`, { method: 'POST', body: { reason } })
          setAct(null)
          onSettled()
        })
      }}
    >
      <FormError>{fields.reason ? null : error}</FormError>
      <TextArea
        label={act === 'resolve' ? 'Why it is over' : 'What you do about it'}
        hint={
          act === 'resolve'
            ? 'An alert that is raised again is a new one. Your words go into the log.'
            : 'Whoever was paged is told. Your words go into the log.'
        }
        rows={2}
        required
        maxLength={500}
        value={reason}
        {...(fields.reason ? { error: fields.reason } : {})}
        onChange={(event) => setReason(event.target.value)}
      />
      <div className="flex flex-wrap gap-2">
        <Button type="submit" small look={act === 'resolve' ? 'stop' : 'solid'} busy={busy}>
          {act === 'resolve' ? 'Resolve this alert' : 'Acknowledge it'}
        </Button>
        <Button small look="quiet" onClick={() => setAct(null)}>
          Not now
        </Button>
      </div>
    </form>
  )
}

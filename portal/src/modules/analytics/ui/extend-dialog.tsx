'use client'

import { type FormEvent, useState } from 'react'
import type { Extended } from '#portal/modules/sharing/answers.ts'
import { ApiError, sentenceFor } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { Dialog, DialogActions } from '#portal/ui/dialog.tsx'
import { Choice, Field, FormError, TextArea } from '#portal/ui/field.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { extendShare } from './viewing-api.ts'

type Target = { id: string; expiresAt: string; maxViews: number | null }

const HOUR_MS = 3_600_000
const choices = [
  { hours: 0, label: 'as it is' },
  { hours: 24, label: 'one day later' },
  { hours: 72, label: 'three days later' },
  { hours: 168, label: 'a week later' },
  { hours: 720, label: '30 days later' },
]

/** Lets a link live longer or be watched more often; beyond the limits it asks why, for a second person. */
export function ExtendDialog({
  share,
  open,
  onClose,
  onExtended,
}: {
  share: Target
  open: boolean
  onClose: () => void
  onExtended: () => void
}) {
  const [hours, setHours] = useState(72)
  const [views, setViews] = useState('')
  const [reason, setReason] = useState('')
  const [faults, setFaults] = useState<Record<string, string>>({})
  const [error, setError] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const [done, setDone] = useState<Extended | null>(null)

  function close() {
    onClose()
    setDone(null)
    setReason('')
    setViews('')
    setFaults({})
    setError(null)
  }

  async function submit(event: FormEvent) {
    event.preventDefault()
    if (busy) return
    setBusy(true)
    setFaults({})
    setError(null)
    try {
      setDone(
        await extendShare(share.id, {
          ...(hours > 0
            ? { expiresAt: new Date(Date.parse(share.expiresAt) + hours * HOUR_MS).toISOString() }
            : {}),
          ...(views.trim() ? { maxViews: Number(views) } : {}),
          ...(reason.trim() ? { reason: reason.trim() } : {}),
        }),
      )
      onExtended()
    } catch (thrown) {
      const fields = thrown instanceof ApiError ? thrown.fields : {}
      setFaults(fields)
      setError(fields.reason ? null : sentenceFor(thrown))
    } finally {
      setBusy(false)
    }
  }

  if (done) {
    const given = done.status === 'extended'
    return (
      <Dialog open={open} onClose={close} title={given ? 'The link lives on' : 'A second person decides'}>
        <p className="text-ink-2">
          {given ? (
            <>
              It works until <Instant at={done.expiresAt} className="font-medium text-ink" />. The link itself
              is the same; whoever watches now is not interrupted.
            </>
          ) : (
            'This goes beyond what is allowed without asking. An administrator sees it with your reason. Until it is decided the link stays as it is; you get a mail.'
          )}
        </p>
        <DialogActions>
          <Button onClick={close}>Done</Button>
        </DialogActions>
      </Dialog>
    )
  }
  return (
    <Dialog open={open} onClose={close} title="Extend this link">
      <form onSubmit={submit} noValidate className="grid grid-cols-1 gap-4">
        <p className="text-ink-2">
          It ends <Instant at={share.expiresAt} className="font-medium text-ink" />. The link stays the same.
        </p>
        <FormError>{error}</FormError>
        <Choice
          label="Ends"
          value={hours}
          error={faults.expiresAt}
          onChange={(event) => setHours(Number(event.target.value))}
        >
          {choices.map((choice) => (
            <option key={choice.hours} value={choice.hours}>
              {choice.label}
            </option>
          ))}
        </Choice>
        {share.maxViews !== null && (
          <Field
            label="Views at most"
            optional
            inputMode="numeric"
            placeholder={String(share.maxViews)}
            value={views}
            error={faults.maxViews}
            onChange={(event) => setViews(event.target.value)}
          />
        )}
        {(faults.reason || reason) && (
          <TextArea
            label="Why it should"
            rows={2}
            maxLength={500}
            autoFocus
            hint="A second person reads this and decides."
            value={reason}
            error={faults.reason && 'This goes beyond the limits. Say why it should.'}
            onChange={(event) => setReason(event.target.value)}
          />
        )}
        <DialogActions>
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" look="solid" busy={busy}>
            {busy ? 'Extending…' : reason ? 'Ask for it' : 'Extend'}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  )
}

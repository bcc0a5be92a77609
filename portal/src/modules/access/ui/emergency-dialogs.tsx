'use client'

import type { FormEvent } from 'react'
import { api } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { Dialog, DialogActions } from '#portal/ui/dialog.tsx'
import { Choice, Field, FormError, TextArea } from '#portal/ui/field.tsx'
import { useSend } from '#portal/ui/use-send.ts'

export type Organisation = { id: string; name: string }

const GROUPS = ['security', 'compliance', 'finance', 'operations', 'support']

/** Asks for the rights of a group, or to see one organisation's videos. */
export function AskEmergencyDialog({
  open,
  organisations,
  onClose,
  onDone,
}: {
  open: boolean
  organisations: Organisation[]
  onClose: () => void
  onDone: () => void
}) {
  const { busy, error, fields, send } = useSend()
  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const [kind, value] = String(form.get('what')).split(':')
    const body = {
      ...(kind === 'group' ? { group: value } : { organisationId: value }),
      minutes: Number(form.get('minutes')),
      reason: String(form.get('reason')).trim(),
    }
    await send(async () => {
      await api('/api/admin/emergency', { method: 'POST', body })
      onDone()
      onClose()
    })
  }
  return (
    <Dialog open={open} onClose={onClose} title="Ask for emergency access">
      <form onSubmit={submit} className="grid grid-cols-1 gap-4">
        <FormError>{error}</FormError>
        <Choice label="What you need" name="what" error={fields.group}>
          <optgroup label="The rights of a group">
            {GROUPS.map((group) => (
              <option key={group} value={`group:${group}`}>
                {group}
              </option>
            ))}
          </optgroup>
          <optgroup label="To see the videos of">
            {organisations.map(({ id, name }) => (
              <option key={id} value={`organisation:${id}`}>
                {name}
              </option>
            ))}
          </optgroup>
        </Choice>
        <Field
          label="Minutes"
          name="minutes"
          type="number"
          min={5}
          max={240}
          defaultValue={60}
          required
          error={fields.minutes}
        />
        <TextArea
          label="Reason"
          name="reason"
          required
          minLength={10}
          maxLength={500}
          error={fields.reason}
        />
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="solid" busy={busy}>
            Ask
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  )
}

/** Says whether an access that is over was right, and what that rests on. */
export function ReviewEmergencyDialog({
  id,
  onClose,
  onDone,
}: {
  id: string | null
  onClose: () => void
  onDone: () => void
}) {
  const { busy, error, fields, send } = useSend()
  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const body = { verdict: form.get('verdict'), note: String(form.get('note')).trim() }
    await send(async () => {
      await api(`/api/admin/emergency/${id}/review`, { method: 'POST', body })
      onDone()
      onClose()
    })
  }
  return (
    <Dialog open={id !== null} onClose={onClose} title="Review this access">
      <form onSubmit={submit} className="grid grid-cols-1 gap-4">
        <FormError>{error}</FormError>
        <p className="text-ink-2">The audit log names every use as emergency.use, with this access’s ID.</p>
        <Choice label="It was" name="verdict">
          <option value="justified">Justified</option>
          <option value="not_justified">Not justified</option>
        </Choice>
        <TextArea label="What you looked at" name="note" required maxLength={500} error={fields.note} />
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="solid" busy={busy}>
            Review
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  )
}

'use client'

import type { FormEvent } from 'react'
import { api } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { Dialog, DialogActions } from '#portal/ui/dialog.tsx'
import { Choice, FormError, TextArea } from '#portal/ui/field.tsx'
import { useSend } from '#portal/ui/use-send.ts'
import { groupWords } from './group-dialog.tsx'

export type Grant = { reviewId: string; userId: string; name: string | null; group: string }

/** Keeps or ends one grant under review, and says what that rests on. */
export function GrantDecisionDialog({
  grant,
  onClose,
  onDone,
}: {
  grant: Grant | null
  onClose: () => void
  onDone: () => void
}) {
  return (
    <Dialog
      open={grant !== null}
      onClose={onClose}
      title={
        grant && `${grant.name ?? 'No administrator any more'}: ${groupWords[grant.group] ?? grant.group}`
      }
    >
      {grant && <DecisionForm {...{ grant, onClose, onDone }} />}
    </Dialog>
  )
}

function DecisionForm({
  grant: { reviewId, userId, group },
  onClose,
  onDone,
}: {
  grant: Grant
  onClose: () => void
  onDone: () => void
}) {
  const { busy, error, fields, send } = useSend()
  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const evidence = String(form.get('evidence')).trim()
    const body = { userId, group, decision: form.get('decision'), evidence }
    await send(async () => {
      await api(`/api/admin/staff/reviews/${reviewId}`, { method: 'POST', body })
      onDone()
      onClose()
    })
  }
  return (
    <form onSubmit={submit} className="grid grid-cols-1 gap-4">
      <FormError>{error}</FormError>
      <Choice label="Decision" name="decision" error={fields.decision}>
        <option value="keep">Keep: they still need it</option>
        <option value="revoke">End: they leave the group now</option>
      </Choice>
      <TextArea
        label="Evidence"
        name="evidence"
        required
        minLength={3}
        maxLength={500}
        hint="Who confirmed the need, or where it is written."
        error={fields.evidence}
      />
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" look="solid" busy={busy}>
          Decide
        </Button>
      </DialogActions>
    </form>
  )
}

'use client'

import type { FormEvent } from 'react'
import { api } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { Dialog, DialogActions } from '#portal/ui/dialog.tsx'
import { Choice, FormError, TextArea } from '#portal/ui/field.tsx'
import { useSend } from '#portal/ui/use-send.ts'

export const groupWords: Record<string, string> = {
  security: 'Security',
  compliance: 'Compliance',
  finance: 'Finance',
  operations: 'Operations',
  support: 'Support',
}

export type GroupChange = { act: 'grant' | 'end'; userId: string; name: string; groups: string[] }

/** Puts a person into a group or takes them out, with the reason that the log keeps. */
export function GroupDialog({
  change,
  onClose,
  onDone,
}: {
  change: GroupChange | null
  onClose: () => void
  onDone: () => void
}) {
  const title = change?.act === 'end' ? `End a group of ${change.name}` : `Grant a group to ${change?.name}`
  return (
    <Dialog open={change !== null} onClose={onClose} title={title}>
      {change && <GroupForm {...{ change, onClose, onDone }} />}
    </Dialog>
  )
}

function GroupForm({
  change: { act, userId, groups },
  onClose,
  onDone,
}: {
  change: GroupChange
  onClose: () => void
  onDone: () => void
}) {
  const { busy, error, fields, send } = useSend()
  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const body = { userId, group: form.get('group'), reason: String(form.get('reason')).trim() }
    await send(async () => {
      await api(`/api/admin/staff/${act}`, { method: 'POST', body })
      onDone()
      onClose()
    })
  }
  return (
    <form onSubmit={submit} className="grid grid-cols-1 gap-4">
      <FormError>{error}</FormError>
      <Choice label="Group" name="group" error={fields.group}>
        {groups.map((group) => (
          <option key={group} value={group}>
            {groupWords[group] ?? group}
          </option>
        ))}
      </Choice>
      <TextArea
        label="Reason"
        name="reason"
        required
        minLength={10}
        maxLength={500}
        hint="Kept in the audit log."
        error={fields.reason}
      />
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" look={act === 'end' ? 'stop' : 'solid'} busy={busy}>
          {act === 'end' ? 'End it' : 'Grant it'}
        </Button>
      </DialogActions>
    </form>
  )
}

'use client'

import { type FormEvent, useState } from 'react'
import { api } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { CopyField } from '#portal/ui/copy-field.tsx'
import { Dialog, DialogActions } from '#portal/ui/dialog.tsx'
import { Choice, Field, FormError } from '#portal/ui/field.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { useSend } from '#portal/ui/use-send.ts'

type Invited = { id: string; url: string; email: string; expiresAt: string }

/** Invites a person; the link goes by mail and is shown here once, since mail may not be set up yet. */
export function InviteDialog({
  open,
  onClose,
  onInvited,
}: {
  open: boolean
  onClose: () => void
  onInvited: () => void
}) {
  const { busy, error, fields: faults, send, clear } = useSend()
  const [invited, setInvited] = useState<Invited | null>(null)

  function close() {
    onClose()
    setInvited(null)
    clear()
  }

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const organisation = String(form.get('organisation')).trim()
    void send(async () => {
      const body = {
        email: String(form.get('email')).trim(),
        role: form.get('role'),
        ...(organisation ? { organisation } : {}),
      }
      setInvited(await api<Invited>('/api/admin/invitations', { method: 'POST', body }))
      onInvited()
    })
  }

  if (invited) {
    return (
      <Dialog open={open} onClose={close} title="Invited">
        <p className="text-ink-2">
          A mail is on its way to <strong className="font-semibold text-ink">{invited.email}</strong>. You can
          also give them this link yourself; it is shown this once and works until{' '}
          <Instant at={invited.expiresAt} />.
        </p>
        <CopyField value={invited.url} label="Invitation link" />
        <DialogActions>
          <Button onClick={close}>Done</Button>
        </DialogActions>
      </Dialog>
    )
  }
  return (
    <Dialog open={open} onClose={close} title="Invite a person">
      <form onSubmit={submit} className="grid grid-cols-1 gap-4">
        <FormError>{error}</FormError>
        <Field label="E-mail" name="email" type="email" required autoComplete="off" error={faults.email} />
        <Field
          label="Organisation"
          name="organisation"
          optional
          maxLength={120}
          hint="Made if it does not exist yet. Left empty, they join yours."
          error={faults.organisation}
        />
        <Choice label="Role" name="role" defaultValue="agency" error={faults.role}>
          <option value="agency">Agency: uploads, watches and shares</option>
          <option value="guest">Guest: watches what is shared with them</option>
          <option value="admin">Administrator: sees every share, invites people</option>
        </Choice>
        <DialogActions>
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" look="solid" busy={busy}>
            {busy ? 'Inviting…' : 'Invite'}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  )
}

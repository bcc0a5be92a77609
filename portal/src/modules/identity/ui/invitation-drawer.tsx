'use client'

import { useState } from 'react'
import { api } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { CopyField } from '#portal/ui/copy-field.tsx'
import { Dialog, DialogActions } from '#portal/ui/dialog.tsx'
import { FormError } from '#portal/ui/field.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { useSend } from '#portal/ui/use-send.ts'
import { type PersonItem, roleWords } from './people-table.tsx'

type Resent = { url: string; expiresAt: string }

/** An open invitation: mailed again with a new link, or taken back. */
export function InvitationDrawer({
  invitation,
  changes,
  onClose,
  onDone,
}: {
  invitation: PersonItem | null
  /** Whether this reader may do anything about it. */
  changes: boolean
  onClose: () => void
  onDone: () => void
}) {
  return (
    <Dialog
      open={invitation !== null}
      onClose={onClose}
      shape="drawer"
      title={<span className="break-words">{invitation?.email}</span>}
    >
      {invitation && <InvitationActs key={invitation.id} {...{ invitation, changes, onClose, onDone }} />}
    </Dialog>
  )
}

function InvitationActs({
  invitation,
  changes,
  onClose,
  onDone,
}: {
  invitation: PersonItem
  changes: boolean
  onClose: () => void
  onDone: () => void
}) {
  const [resent, setResent] = useState<Resent | null>(null)
  const { busy, error, send } = useSend()
  const path = `/api/admin/invitations/${invitation.id}`
  const resend = () =>
    send(async () => {
      setResent(await api<Resent>(`${path}/resend`, { method: 'POST', body: {} }))
      onDone()
    })
  const withdraw = () =>
    send(async () => {
      await api(`${path}/withdraw`, { method: 'POST', body: {} })
      onDone()
      onClose()
    })
  const until = resent?.expiresAt ?? invitation.expiresAt
  return (
    <>
      <p className="text-ink-2">
        Invited as {roleWords[invitation.role]?.toLowerCase()} of {invitation.organisationName}
        {until && (
          <>
            ; the link works until <Instant at={until} />
          </>
        )}
        .
      </p>
      <FormError>{error}</FormError>
      {resent ? (
        <>
          <p role="status">Sent again. The link before it is dead; this one is shown once.</p>
          <CopyField value={resent.url} label="Invitation link" />
        </>
      ) : (
        <p className="text-ink-2">
          {changes
            ? 'Sent again, it has a new link and a new week. Withdrawn, its link is dead.'
            : 'Security and operations can send it again, or withdraw it.'}
        </p>
      )}
      {changes && (
        <DialogActions>
          <Button look="stop" busy={busy} onClick={withdraw}>
            Withdraw
          </Button>
          {!resent && (
            <Button look="solid" busy={busy} onClick={resend}>
              Send again
            </Button>
          )}
        </DialogActions>
      )}
    </>
  )
}

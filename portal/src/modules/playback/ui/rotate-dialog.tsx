'use client'

import { type FormEvent, useState } from 'react'
import { api, notYet } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { Dialog, DialogActions } from '#portal/ui/dialog.tsx'
import { Choice, FormError, TextArea } from '#portal/ui/field.tsx'
import { useSend } from '#portal/ui/use-send.ts'

type Reason = 'requested' | 'compromised'
type Rotated = { id: string; retiredId: string; oldTokensDead: boolean }

const told: Record<Reason, string> = {
  requested:
    'A new key signs at once. The old one stays valid until the last token that it signed has ended, at most a quarter of an hour. Nobody who watches notices.',
  compromised:
    'Every older key is deleted at the video service at once, and everything that it signed opens nothing any more. Open players ask for a new token by themselves. A second person must review it.',
}

/** Asks why the signing key is replaced, says what that does, and afterwards what it did. */
export function RotateDialog({
  open,
  onClose,
  onRotated,
}: {
  open: boolean
  onClose: () => void
  onRotated: () => void
}) {
  const [reason, setReason] = useState<Reason>('requested')
  const [note, setNote] = useState('')
  const [done, setDone] = useState<Rotated | null>(null)
  const { busy, error, send, clear } = useSend()

  function close() {
    onClose()
    setReason('requested')
    setNote('')
    clear()
    setDone(null)
  }

  function submit(event: FormEvent) {
    event.preventDefault()
    const text = note.trim()
    void send(async () => {
      if (reason === 'compromised' && !text) throw notYet('Say what happened: a second person reviews it.')
      const body = { reason, ...(text ? { note: text } : {}) }
      setDone(await api<Rotated>('/api/admin/signing-keys/rotate', { method: 'POST', body }))
      onRotated()
    })
  }

  return (
    <Dialog open={open} onClose={close} title={done ? 'The key is replaced' : 'Replace the signing key?'}>
      {done ? (
        <div className="grid grid-cols-1 gap-4">
          <p className="text-ink-2">{afterwards(reason, done)}</p>
          <DialogActions>
            <Button look="solid" onClick={close}>
              Done
            </Button>
          </DialogActions>
        </div>
      ) : (
        <form onSubmit={submit} className="grid grid-cols-1 gap-4">
          <FormError>{error}</FormError>
          <Choice label="Why" value={reason} onChange={(event) => setReason(event.target.value as Reason)}>
            <option value="requested">It is time</option>
            <option value="compromised">The key may have leaked</option>
          </Choice>
          <p className="text-ink-2">{told[reason]}</p>
          <TextArea
            label="What happened"
            optional={reason !== 'compromised'}
            rows={2}
            maxLength={500}
            hint="Kept in the log, encrypted."
            value={note}
            onChange={(event) => setNote(event.target.value)}
          />
          <DialogActions>
            <Button onClick={close}>Keep the key</Button>
            <Button type="submit" look={reason === 'compromised' ? 'stop' : 'solid'} busy={busy}>
              {busy ? 'Replacing…' : 'Replace the key'}
            </Button>
          </DialogActions>
        </form>
      )}
    </Dialog>
  )
}

function afterwards(reason: Reason, { oldTokensDead }: Rotated): string {
  if (reason === 'requested')
    return 'The new key signs. The old one is deleted once its last token has ended.'
  return oldTokensDead
    ? 'The new key signs, and nothing that an older one signed opens anything. Ask a second person to review this.'
    : 'The new key signs, but the video service has not confirmed the deletion of the old one yet. The portal goes on trying, and an alert is raised.'
}

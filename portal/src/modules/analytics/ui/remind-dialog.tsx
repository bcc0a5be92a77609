'use client'

import { type FormEvent, useState } from 'react'
import { ApiError, sentenceFor } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { Dialog, DialogActions } from '#portal/ui/dialog.tsx'
import { Field, FormError } from '#portal/ui/field.tsx'
import { remindViewer } from './viewing-api.ts'

/** Mails somebody who has not watched; says honestly what stands in the mail. */
export function RemindDialog({
  shareId,
  address,
  onClose,
  onReminded,
}: {
  shareId: string
  address: string | null
  onClose: () => void
  onReminded: () => void
}) {
  const [link, setLink] = useState('')
  const [error, setError] = useState<string | null>(null)
  const [fault, setFault] = useState<string | undefined>()
  const [busy, setBusy] = useState(false)

  function close() {
    onClose()
    setLink('')
    setError(null)
    setFault(undefined)
  }

  async function submit(event: FormEvent) {
    event.preventDefault()
    if (!address || busy) return
    setBusy(true)
    setError(null)
    setFault(undefined)
    try {
      await remindViewer(shareId, address, link.trim())
      onReminded()
      close()
    } catch (thrown) {
      const wrongLink = thrown instanceof ApiError && thrown.fields.link
      setFault(wrongLink ? 'This is not the link of this share.' : undefined)
      setError(wrongLink ? null : sentenceFor(thrown))
    } finally {
      setBusy(false)
    }
  }

  return (
    <Dialog open={address !== null} onClose={close} title="Send a reminder?">
      <form onSubmit={submit} noValidate className="grid grid-cols-1 gap-4">
        <p className="text-ink-2">
          <strong className="font-semibold break-all text-ink">{address}</strong> gets a mail in your name
          that a private video waits, and until when. The video’s title is not in it. One reminder a day is
          sent at most.
        </p>
        <FormError>{error}</FormError>
        <Field
          label="The link"
          optional
          autoComplete="off"
          spellCheck={false}
          hint="Paste it if you still have it, and the mail carries it. Only its fingerprint is kept here; without it the mail says: open the link that was sent to you."
          value={link}
          error={fault}
          onChange={(event) => setLink(event.target.value)}
        />
        <DialogActions>
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" look="solid" busy={busy}>
            {busy ? 'Sending…' : 'Send the reminder'}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  )
}

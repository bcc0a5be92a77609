'use client'

import { type FormEvent, useState } from 'react'
import { api, sentenceFor } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { Dialog, DialogActions } from '#portal/ui/dialog.tsx'
import { FormError } from '#portal/ui/field.tsx'
import { counted } from '#portal/ui/words.ts'

type DeleteProps = {
  video: { id: string; title: string }
  liveShares: number
  watching: number
  open: boolean
  onClose: () => void
  onDeleted: () => void
}

/** Deletes a video with everything that hangs on it. */
export function DeleteDialog({ video, liveShares, watching, open, onClose, onDeleted }: DeleteProps) {
  const [error, setError] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  async function submit(event: FormEvent) {
    event.preventDefault()
    setBusy(true)
    setError(null)
    try {
      await api(`/api/videos/${encodeURIComponent(video.id)}`, { method: 'DELETE' })
      onDeleted()
    } catch (thrown) {
      setError(sentenceFor(thrown))
      setBusy(false)
    }
  }
  const stops = [
    liveShares > 0 ? `${counted(liveShares, 'link')} will end` : '',
    watching > 0 ? `${counted(watching, 'person', 'people')} watching now will see it stop` : '',
  ].filter(Boolean)
  return (
    <Dialog open={open} onClose={onClose} title="Delete this video?">
      <form onSubmit={submit} className="grid grid-cols-1 gap-4">
        <p className="text-ink-2">
          <strong className="font-semibold text-ink">{video.title}</strong> and every byte of it go for good.
          {stops.length > 0 && ` ${stops.join(', and ')}.`} What the log proves about it stays.
        </p>
        <FormError>{error}</FormError>
        <DialogActions>
          <Button onClick={onClose}>Keep it</Button>
          <Button type="submit" look="stop" busy={busy}>
            {busy ? 'Deleting…' : 'Delete for good'}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  )
}

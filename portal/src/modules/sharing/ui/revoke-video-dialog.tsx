'use client'

import { type FormEvent, useState } from 'react'
import { sentenceFor } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { Dialog, DialogActions } from '#portal/ui/dialog.tsx'
import { FormError } from '#portal/ui/field.tsx'
import { counted } from '#portal/ui/words.ts'
import { ReasonFields } from './reason-fields.tsx'
import { revokeVideoShares } from './revocation-api.ts'
import type { RevokeReason } from './share-words.ts'

type Done = Awaited<ReturnType<typeof revokeVideoShares>>

/** Takes back every link of a video of one's own, at once. */
export function RevokeVideoDialog({
  video,
  onClose,
  onRevoked,
}: {
  /** null: closed */
  video: { id: string; title: string; live: number; watching: number } | null
  onClose: () => void
  onRevoked: () => void
}) {
  const [reason, setReason] = useState<RevokeReason | ''>('')
  const [note, setNote] = useState('')
  const [error, setError] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const [done, setDone] = useState<Done | null>(null)

  function close() {
    onClose()
    setReason('')
    setNote('')
    setError(null)
    setDone(null)
  }

  async function submit(event: FormEvent) {
    event.preventDefault()
    if (!video || busy) return
    if (!reason) return setError('Choose a reason first: it goes into the log.')
    setBusy(true)
    setError(null)
    try {
      setDone(await revokeVideoShares(video.id, reason, note.trim()))
      onRevoked()
    } catch (thrown) {
      setError(sentenceFor(thrown))
    } finally {
      setBusy(false)
    }
  }

  return (
    <Dialog
      open={video !== null}
      onClose={close}
      title={done ? 'All links are revoked' : 'Revoke all links of this video?'}
    >
      {video && done && (
        <>
          <div role="status" className="grid grid-cols-1 gap-2 text-ink-2">
            <p>
              {counted(done.shares, 'link')} ended; {counted(done.players, 'open player')} stopped.
            </p>
            {done.boundSeconds > 0 && (
              <p>What has been downloaded before may play on for {done.boundSeconds} s at most.</p>
            )}
            {!done.confirmed && (
              <p className="text-warn">
                The video service has not confirmed yet. It is told again until it does.
              </p>
            )}
          </div>
          <DialogActions>
            <Button onClick={close}>Done</Button>
          </DialogActions>
        </>
      )}
      {video && !done && (
        <form onSubmit={submit} className="grid grid-cols-1 gap-4">
          <p className="text-ink-2">
            <strong className="font-semibold text-ink">{video.title}</strong>:{' '}
            {counted(video.live, 'live link ends', 'live links end')},{' '}
            {video.watching > 0
              ? `and ${counted(video.watching, 'open player goes', 'open players go')} black at once.`
              : 'and nobody is watching now.'}{' '}
            None of them ever opens again.
          </p>
          <FormError>{error}</FormError>
          <ReasonFields
            reason={reason}
            note={note}
            noteHint="Kept in the log for good: no names, no addresses."
            onReason={setReason}
            onNote={setNote}
          />
          <DialogActions>
            <Button onClick={close}>Keep the links</Button>
            <Button type="submit" look="stop" busy={busy}>
              {busy ? 'Revoking…' : 'Revoke all links'}
            </Button>
          </DialogActions>
        </form>
      )}
    </Dialog>
  )
}

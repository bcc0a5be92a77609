'use client'

import { Button } from '#portal/ui/button.tsx'
import { Dialog, DialogActions } from '#portal/ui/dialog.tsx'
import { FormError } from '#portal/ui/field.tsx'
import { counted } from '#portal/ui/words.ts'
import { ReasonFields } from './reason-fields.tsx'
import { revokeVideoShares } from './revocation-api.ts'
import { RevokePromise } from './revoke-promise.tsx'
import { useRevoke } from './use-revoke.ts'

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
  const { fields, error, busy, done, close, submit } = useRevoke(
    (reason, note) => revokeVideoShares(video?.id ?? '', reason, note),
    { onClose, onRevoked },
  )

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
            <RevokePromise boundSeconds={done.boundSeconds} confirmed={done.confirmed} />
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
          <ReasonFields {...fields} noteHint="Kept in the log: no names, no addresses." />
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

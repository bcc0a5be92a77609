'use client'

import { useState } from 'react'
import { Button } from '#portal/ui/button.tsx'
import { Dialog, DialogActions } from '#portal/ui/dialog.tsx'
import { FormError } from '#portal/ui/field.tsx'
import { useSend } from '#portal/ui/use-send.ts'
import type { ShareView } from '../answers.ts'
import { releaseDevice } from './share-api.ts'

/** Lets a new device take the place of the one that holds a link; shown only where one does. */
export function ReleaseDevice({ share, onReleased }: { share: ShareView; onReleased: () => void }) {
  const [open, setOpen] = useState(false)
  const { busy, error, send } = useSend()
  if (!share.oneDevice || !share.deviceBoundAt) return null

  const release = () =>
    send(async () => {
      await releaseDevice(share.id)
      setOpen(false)
      onReleased()
    })

  return (
    <>
      <Button small onClick={() => setOpen(true)}>
        Release the device…
      </Button>
      <Dialog open={open} onClose={() => setOpen(false)} title="Release the device?">
        <p className="text-ink-2">
          What plays on it stops at once. The next device that opens the link takes its place, so make sure
          that it is the right one.
        </p>
        <FormError>{error}</FormError>
        <DialogActions>
          <Button onClick={() => setOpen(false)}>Cancel</Button>
          <Button look="stop" busy={busy} onClick={release}>
            Release it
          </Button>
        </DialogActions>
      </Dialog>
    </>
  )
}

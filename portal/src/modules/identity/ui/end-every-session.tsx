'use client'

import { type FormEvent, useState } from 'react'
import { api } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { Dialog, DialogActions } from '#portal/ui/dialog.tsx'
import { FormError } from '#portal/ui/field.tsx'
import { ReasonArea } from '#portal/ui/send-form.tsx'
import { useSend } from '#portal/ui/use-send.ts'
import { counted } from '#portal/ui/words.ts'

/** Signs everybody else out at once, for when sessions may be in wrong hands. */
export function EndEverySession() {
  const [open, setOpen] = useState(false)
  const [ended, setEnded] = useState<number | null>(null)
  const { busy, error, fields, send, clear } = useSend()
  function close() {
    setOpen(false)
    setEnded(null)
    clear()
  }
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const reason = String(new FormData(event.currentTarget).get('reason')).trim()
    void send(async () => {
      const answer = await api<{ ended: number }>('/api/admin/sessions/end-all', {
        method: 'POST',
        body: { reason },
      })
      setEnded(answer.ended)
    })
  }
  return (
    <section aria-labelledby="everybody" className="grid grid-cols-1 justify-items-start gap-2">
      <h2 id="everybody">Sessions</h2>
      <p className="text-ink-2">
        Where cookies may be in wrong hands, everybody but you can be signed out at once.
      </p>
      <Button look="stop" onClick={() => setOpen(true)}>
        Sign everybody out…
      </Button>
      <Dialog open={open} onClose={close} title="Sign everybody out?">
        {ended === null ? (
          <form onSubmit={submit} className="grid grid-cols-1 gap-4">
            <FormError>{error}</FormError>
            <p className="text-ink-2">
              Every session but this one ends at once; people sign in again. Viewers of links and API keys go
              on.
            </p>
            <ReasonArea error={fields.reason} />
            <DialogActions>
              <Button onClick={close}>Cancel</Button>
              <Button type="submit" look="stop" busy={busy}>
                Sign everybody out
              </Button>
            </DialogActions>
          </form>
        ) : (
          <>
            <p>{counted(ended, 'session')} ended.</p>
            <DialogActions>
              <Button look="solid" onClick={close}>
                Done
              </Button>
            </DialogActions>
          </>
        )}
      </Dialog>
    </section>
  )
}

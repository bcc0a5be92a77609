'use client'

import { type FormEvent, useState } from 'react'
import { api } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { CopyField } from '#portal/ui/copy-field.tsx'
import { Dialog, DialogActions } from '#portal/ui/dialog.tsx'
import { Choice, Field, FormError } from '#portal/ui/field.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { useSend } from '#portal/ui/use-send.ts'

type NewKey = { key: string; expiresAt: string }

/** Makes a key and shows it, this once. */
export function MakeKeyDialog({
  open,
  onClose,
  onMade,
}: {
  open: boolean
  onClose: () => void
  onMade: () => void
}) {
  const { busy, error, fields, send } = useSend()
  const [made, setMade] = useState<NewKey | null>(null)
  function close() {
    onClose()
    setMade(null)
  }
  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const scopes = String(form.get('scopes'))
      .split(/[\s,]+/)
      .filter(Boolean)
    const body = { name: String(form.get('name')).trim(), scopes, days: Number(form.get('days')) }
    await send(async () => {
      setMade(await api<NewKey>('/api/account/keys', { method: 'POST', body }))
      onMade()
    })
  }

  if (made) {
    return (
      <Dialog open={open} onClose={close} title="Your new key">
        <p className="text-ink-2">
          It is shown this once and works until <Instant at={made.expiresAt} />. Whoever has it acts in your
          name.
        </p>
        <CopyField value={made.key} label="API key" />
        <DialogActions>
          <Button onClick={close}>Done</Button>
        </DialogActions>
      </Dialog>
    )
  }
  return (
    <Dialog open={open} onClose={close} title="Make a key">
      <form onSubmit={submit} className="grid grid-cols-1 gap-4">
        <FormError>{error}</FormError>
        <Field
          label="Name"
          name="name"
          required
          maxLength={80}
          hint="What the key is for."
          error={fields.name}
        />
        <Field
          label="Scopes"
          name="scopes"
          required
          placeholder="video.list, share.*"
          hint="Operations as the API’s description names them, or an area with .*; the fewest that do."
          error={fields.scopes}
        />
        <Choice label="Lives for" name="days" defaultValue="90" error={fields.days}>
          <option value="7">7 days</option>
          <option value="30">30 days</option>
          <option value="90">90 days</option>
          <option value="365">365 days</option>
        </Choice>
        <DialogActions>
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" look="solid" busy={busy}>
            {busy ? 'Making…' : 'Make the key'}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  )
}

'use client'

import { type FormEvent, useState } from 'react'
import { ApiError, api, sentenceFor } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { Dialog, DialogActions } from '#portal/ui/dialog.tsx'
import { Field, FormError } from '#portal/ui/field.tsx'
import { useReachableRefresh } from '#portal/ui/use-refresh.ts'
import { AccountSection } from './account-section.tsx'

const sixDigits = {
  inputMode: 'numeric',
  autoComplete: 'one-time-code',
  pattern: '\\d{6}',
  maxLength: 6,
} as const

/** Name and address. */
export function AccountProfile({ name, email }: { name: string; email: string }) {
  const [busy, setBusy] = useState(false)
  const [saved, setSaved] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const [changing, setChanging] = useState(false)
  const refresh = useReachableRefresh()

  async function rename(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    if (busy) return
    const body = { name: String(new FormData(event.currentTarget).get('name')).trim() }
    setBusy(true)
    setSaved(false)
    setError(null)
    try {
      await api('/api/account', { method: 'PATCH', body })
      setSaved(true)
      refresh()
    } catch (thrown) {
      setError(sentenceFor(thrown))
    } finally {
      setBusy(false)
    }
  }

  return (
    <div className="grid grid-cols-1 gap-5">
      <AccountSection title="Name" lead="What others see beside what you make.">
        <form method="post" onSubmit={rename} className="grid max-w-[420px] grid-cols-1 gap-3">
          <FormError>{error}</FormError>
          <Field
            label="Your name"
            name="name"
            defaultValue={name}
            autoComplete="name"
            required
            maxLength={120}
          />
          <div className="flex items-center gap-3">
            <Button type="submit" busy={busy}>
              Save
            </Button>
            <span role="status" className="text-sm text-ink-2">
              {saved ? 'Saved' : ''}
            </span>
          </div>
        </form>
      </AccountSection>
      <AccountSection title="E-mail" lead="Where you sign in, and where mails go.">
        <div className="flex flex-wrap items-center gap-3">
          <span className="min-w-0 break-words">{email}</span>
          <Button onClick={() => setChanging(true)}>Change…</Button>
        </div>
        <ChangeEmail open={changing} onClose={() => setChanging(false)} onDone={refresh} />
      </AccountSection>
    </div>
  )
}

/** A change of address: proved by a code from the new one and one from the present one. */
function ChangeEmail({ open, onClose, onDone }: { open: boolean; onClose: () => void; onDone: () => void }) {
  const [id, setId] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string | null>(null)

  function close() {
    setId(null)
    setError(null)
    onClose()
  }

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    if (busy) return
    const form = new FormData(event.currentTarget)
    const text = (name: string) => String(form.get(name)).trim()
    setBusy(true)
    setError(null)
    try {
      if (!id) {
        const body = { email: text('email') }
        setId((await api<{ id: string }>('/api/account/email', { method: 'POST', body })).id)
        return
      }
      const body = { id, newCode: text('newCode'), presentCode: text('presentCode') }
      const { changed } = await api<{ changed: boolean }>('/api/account/email/confirm', {
        method: 'POST',
        body,
      })
      if (!changed) return setError('These codes are not right, or too old. Check both.')
      onDone()
      close()
    } catch (thrown) {
      const field = thrown instanceof ApiError ? Object.values(thrown.fields)[0] : undefined
      setError(field ? `Something is not right: it ${field}.` : sentenceFor(thrown))
    } finally {
      setBusy(false)
    }
  }

  return (
    <Dialog open={open} onClose={close} title="Change your e-mail address">
      <form method="post" onSubmit={submit} className="grid grid-cols-1 gap-4">
        <FormError>{error}</FormError>
        {id ? (
          <>
            <p role="status" className="text-ink-2">
              A code is on its way to each of the two addresses. Enter both.
            </p>
            <Field key="new" label="Code from the new address" name="newCode" required {...sixDigits} />
            <Field
              key="present"
              label="Code from the present address"
              name="presentCode"
              required
              {...sixDigits}
            />
          </>
        ) : (
          <Field key="email" label="New e-mail" name="email" type="email" autoComplete="email" required />
        )}
        <DialogActions>
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" look="solid" busy={busy}>
            {id ? 'Change the address' : 'Send the codes'}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  )
}

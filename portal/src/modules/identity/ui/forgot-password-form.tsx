'use client'

import { type FormEvent, useState } from 'react'
import { api, sentenceFor } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { Field, FormError } from '#portal/ui/field.tsx'

/** Asks for a link to set a new password; what it says is the same for every address. */
export function ForgotPasswordForm() {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const [sentTo, setSentTo] = useState<string | null>(null)

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    if (busy) return
    const email = String(new FormData(event.currentTarget).get('email')).trim()
    setBusy(true)
    setError(null)
    try {
      await api('/api/password-resets', { method: 'POST', body: { email } })
      setSentTo(email)
    } catch (thrown) {
      setError(sentenceFor(thrown))
    } finally {
      setBusy(false)
    }
  }

  if (sentTo)
    return (
      <p role="status">
        If <strong className="font-semibold break-words">{sentTo}</strong> has an account with a password, a
        link is on its way. It works once, within 30 minutes.
      </p>
    )
  return (
    <form method="post" onSubmit={submit} className="grid grid-cols-1 gap-4">
      <FormError>{error}</FormError>
      <Field label="E-mail" name="email" type="email" autoComplete="username" required autoFocus />
      <Button type="submit" look="solid" busy={busy}>
        {busy ? 'Sending…' : 'Send the link'}
      </Button>
    </form>
  )
}

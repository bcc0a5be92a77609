'use client'

import { type FormEvent, useEffect, useState } from 'react'
import { ApiError, api, sentenceFor } from '#portal/ui/api-client.ts'
import { Button, buttonClass } from '#portal/ui/button.tsx'
import { Field, FormError } from '#portal/ui/field.tsx'

const dead = 'This link has been used, has run out, or was never made. Ask for a new one.'

/** Sets a new password by the link from a mail; its token stands in the fragment, which browsers never send. */
export function ResetPasswordForm() {
  const [token, setToken] = useState('')
  const [busy, setBusy] = useState(false)
  const [done, setDone] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const [fault, setFault] = useState<string | undefined>()
  useEffect(() => {
    setToken(location.hash.slice(1))
    if (!location.hash)
      setError('This link is not whole: the part after # is missing. Open it again from the mail.')
  }, [])

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    if (busy || !token) return
    const password = String(new FormData(event.currentTarget).get('password'))
    setBusy(true)
    setError(null)
    setFault(undefined)
    try {
      await api('/api/password-resets/use', { method: 'POST', body: { token, password } })
      setDone(true)
    } catch (thrown) {
      setFault(thrown instanceof ApiError ? thrown.fields.password : undefined)
      setError(thrown instanceof ApiError && thrown.status === 403 ? dead : sentenceFor(thrown))
    } finally {
      setBusy(false)
    }
  }

  if (done)
    return (
      <div role="status" className="grid grid-cols-1 gap-4">
        <p>Your new password is set, and all sessions of your account have ended.</p>
        <a href="/" className={buttonClass('solid')}>
          Sign in
        </a>
      </div>
    )
  return (
    <form method="post" onSubmit={submit} className="grid grid-cols-1 gap-4">
      <FormError>{error}</FormError>
      <Field
        label="New password"
        name="password"
        type="password"
        autoComplete="new-password"
        required
        minLength={12}
        maxLength={256}
        hint="At least 12 characters; a few words are fine."
        error={fault}
      />
      <Button type="submit" look="solid" busy={busy} disabled={!token}>
        {busy ? 'Setting…' : 'Set the password'}
      </Button>
    </form>
  )
}

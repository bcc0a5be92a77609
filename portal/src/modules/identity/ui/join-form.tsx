'use client'

import { type FormEvent, useEffect, useState } from 'react'
import { ApiError, api, sentenceFor } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { Field, FormError } from '#portal/ui/field.tsx'

const dead =
  'This invitation has been used, has run out, or was never made. Ask the person who invited you for a new one.'

/** Accepts an invitation. Its token stands in the URL's fragment, which browsers never send by themselves. */
export function JoinForm() {
  const [token, setToken] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const [fields, setFields] = useState<Record<string, string>>({})
  useEffect(() => {
    const fragment = location.hash.slice(1)
    setToken(fragment)
    if (!fragment)
      setError('This link is not whole: the part after # is missing. Open it again from the mail.')
  }, [])

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    if (busy || !token) return
    const form = new FormData(event.currentTarget)
    const password = String(form.get('password'))
    setBusy(true)
    setError(null)
    setFields({})
    try {
      const { email } = await api<{ email: string }>('/api/invitations/accept', {
        method: 'POST',
        body: { token, name: String(form.get('name')).trim(), password },
      })
      await api('/api/auth/sign-in/email', { method: 'POST', body: { email, password } })
      location.replace('/videos')
    } catch (thrown) {
      const known = thrown instanceof ApiError ? thrown : null
      setFields(known?.fields ?? {})
      setError(known && [403, 404, 410].includes(known.status) ? dead : sentenceFor(thrown))
      setBusy(false)
    }
  }

  return (
    <form method="post" onSubmit={submit} className="grid grid-cols-1 gap-4">
      <FormError>{error}</FormError>
      <Field label="Your name" name="name" autoComplete="name" required maxLength={120} error={fields.name} />
      <Field
        label="Password"
        name="password"
        type="password"
        autoComplete="new-password"
        required
        minLength={12}
        maxLength={256}
        hint="At least 12 characters; a few words are fine."
        error={fields.password}
      />
      <Button type="submit" look="solid" busy={busy} disabled={!token}>
        {busy ? 'Joining…' : 'Join'}
      </Button>
    </form>
  )
}

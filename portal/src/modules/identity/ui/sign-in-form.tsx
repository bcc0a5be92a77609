'use client'

import { type FormEvent, useState } from 'react'
import { ApiError, api, sentenceFor } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { Field, FormError } from '#portal/ui/field.tsx'
import { useInBrowser } from '#portal/ui/time.tsx'

function sentence(error: unknown): string {
  if (error instanceof ApiError && (error.status === 401 || error.status === 400 || error.status === 403)) {
    return 'This e-mail and password do not belong together. Check both and try again.'
  }
  if (error instanceof ApiError && error.status === 429 && error.retryAfterSeconds) {
    return `Too many tries. Wait ${Math.ceil(error.retryAfterSeconds)} s, then try again.`
  }
  return sentenceFor(error)
}

/** Sign-in by e-mail and password. `next` is a path of this portal to go to afterwards; null stays on the page. */
export function SignInForm({ next }: { next: string | null }) {
  const [busy, setBusy] = useState(false)
  const alive = useInBrowser()
  const [error, setError] = useState<string | null>(null)
  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    if (busy) return
    const form = new FormData(event.currentTarget)
    setBusy(true)
    setError(null)
    try {
      await api('/api/auth/sign-in/email', {
        method: 'POST',
        body: { email: String(form.get('email')).trim(), password: String(form.get('password')) },
      })
      if (next === null) location.reload()
      else location.assign(next)
    } catch (thrown) {
      setError(sentence(thrown))
      setBusy(false)
    }
  }
  return (
    <form method="post" onSubmit={submit} className="grid grid-cols-1 gap-4">
      <FormError>{error}</FormError>
      <Field label="E-mail" name="email" type="email" autoComplete="username" required autoFocus />
      <Field label="Password" name="password" type="password" autoComplete="current-password" required />
      <Button type="submit" look="solid" busy={busy} disabled={!alive}>
        {busy ? 'Signing in…' : 'Sign in'}
      </Button>
    </form>
  )
}

'use client'

import { type FormEvent, useEffect, useState } from 'react'
import { ApiError, api, sentenceFor } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { Field, FormError } from '#portal/ui/field.tsx'
import { useInBrowser } from '#portal/ui/time.tsx'
import { goOn } from './after-sign-in.ts'
import { canSuggestPasskeys, hasPasskeys, passkeySentence, signInWithPasskey } from './passkey-calls.ts'
import { SignInCodeForm } from './sign-in-code-form.tsx'

type Owes = { owes: string | null }

function sentence(error: unknown): string {
  // Where single sign-on is required, the portal's own sentence says so.
  if (error instanceof ApiError && error.code === 'forbidden') return error.message
  if (error instanceof ApiError && (error.status === 401 || error.status === 400 || error.status === 403)) {
    return 'This e-mail and password do not belong together. Check both and try again.'
  }
  return sentenceFor(error)
}

/** Offers passkeys among the suggestions of the e-mail field, for as long as the form is there. */
function usePasskeySuggestion(enabled: boolean, next: string | null): void {
  useEffect(() => {
    if (!enabled) return
    const abort = new AbortController()
    canSuggestPasskeys()
      .then(async (can) => {
        if (can && !abort.signal.aborted)
          goOn((await signInWithPasskey({ suggest: true, signal: abort.signal })).owes, next)
      })
      // Nobody asked for it: what fails here leaves the form as it is.
      .catch(() => {})
    return () => abort.abort()
  }, [enabled, next])
}

/**
 * Sign-in by e-mail and password, by passkey, or by a code from a mail. `next` is a path of this portal to go to
 * afterwards; null stays on the page.
 */
export function SignInForm({ next }: { next: string | null }) {
  const [way, setWay] = useState<'password' | 'code'>('password')
  const [busy, setBusy] = useState(false)
  const [asking, setAsking] = useState(false)
  const alive = useInBrowser()
  const [error, setError] = useState<string | null>(null)
  usePasskeySuggestion(alive && way === 'password' && !asking, next)

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    if (busy) return
    const form = new FormData(event.currentTarget)
    setBusy(true)
    setError(null)
    try {
      const { owes } = await api<Owes>('/api/auth/sign-in/email', {
        method: 'POST',
        body: { email: String(form.get('email')).trim(), password: String(form.get('password')) },
      })
      goOn(owes, next)
    } catch (thrown) {
      setError(sentence(thrown))
      setBusy(false)
    }
  }

  async function usePasskey() {
    setAsking(true)
    setError(null)
    try {
      goOn((await signInWithPasskey()).owes, next)
    } catch (thrown) {
      setError(passkeySentence(thrown))
      setAsking(false)
    }
  }

  if (way === 'code') return <SignInCodeForm next={next} onBack={() => setWay('password')} />
  return (
    <div className="grid grid-cols-1 gap-4">
      <form method="post" onSubmit={submit} className="grid grid-cols-1 gap-4">
        <FormError>{error}</FormError>
        <Field label="E-mail" name="email" type="email" autoComplete="username webauthn" required autoFocus />
        <Field label="Password" name="password" type="password" autoComplete="current-password" required />
        <Button type="submit" look="solid" busy={busy} disabled={!alive}>
          {busy ? 'Signing in…' : 'Sign in'}
        </Button>
      </form>
      <div className="grid grid-cols-2 gap-2 max-sm:grid-cols-1">
        <Button onClick={usePasskey} busy={asking} disabled={!alive || !hasPasskeys()}>
          Use a passkey
        </Button>
        <Button onClick={() => setWay('code')} disabled={!alive}>
          Mail me a code
        </Button>
      </div>
      <a href="/forgot-password" className="justify-self-center py-1 text-sm underline">
        I forgot it
      </a>
    </div>
  )
}

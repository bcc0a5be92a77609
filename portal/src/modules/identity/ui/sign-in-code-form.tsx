'use client'

import { type FormEvent, useState } from 'react'
import { ApiError, api, sentenceFor } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { CodeInput } from '#portal/ui/code-input.tsx'
import { Field, FormError } from '#portal/ui/field.tsx'
import { goOn } from './after-sign-in.ts'

/** Sign-in by a code from a mail: the address, then six digits, in this browser only. */
export function SignInCodeForm({ next, onBack }: { next: string | null; onBack: () => void }) {
  const [asked, setAsked] = useState<{ id: string; email: string } | null>(null)
  const [code, setCode] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string | null>(null)

  async function run(act: () => Promise<void>) {
    if (busy) return
    setBusy(true)
    setError(null)
    try {
      await act()
    } catch (thrown) {
      const wrong = thrown instanceof ApiError && (thrown.status === 403 || thrown.status === 400)
      setError(
        wrong && asked
          ? 'This code is not right, or too old. Check it, or ask for a new one.'
          : sentenceFor(thrown),
      )
      setCode('')
    } finally {
      setBusy(false)
    }
  }

  function ask(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const email = String(new FormData(event.currentTarget).get('email')).trim()
    void run(async () => {
      const { id } = await api<{ id: string }>('/api/sign-in-codes', { method: 'POST', body: { email } })
      setAsked({ id, email })
    })
  }

  function redeem(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    void run(async () => {
      const body = { id: asked?.id, code }
      const { owes } = await api<{ owes: string | null }>('/api/auth/sign-in/code', { method: 'POST', body })
      goOn(owes, next)
    })
  }

  return (
    <form method="post" onSubmit={asked ? redeem : ask} className="grid grid-cols-1 gap-4">
      <FormError>{error}</FormError>
      {asked ? (
        <>
          <p role="status" className="text-ink-2">
            If <strong className="font-semibold break-words text-ink">{asked.email}</strong> has an account, a
            code is on its way. It works for ten minutes, on this page.
          </p>
          <CodeInput label="Code from the mail" value={code} onChange={setCode} autoFocus />
        </>
      ) : (
        <Field label="E-mail" name="email" type="email" autoComplete="username" required autoFocus />
      )}
      <Button type="submit" look="solid" busy={busy} disabled={asked !== null && code.length < 6}>
        {asked ? 'Sign in' : 'Send the code'}
      </Button>
      <Button look="quiet" onClick={asked ? () => setAsked(null) : onBack}>
        {asked ? 'Another address or a new code' : 'Back to the password'}
      </Button>
    </form>
  )
}

'use client'

import { type FormEvent, useEffect, useRef, useState } from 'react'
import { ApiError, api, askForProofBy, sentenceFor } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { Dialog, DialogActions } from '#portal/ui/dialog.tsx'
import { Field, FormError } from '#portal/ui/field.tsx'
import { passkeySentence, signInWithPasskey } from './passkey-calls.ts'

type Means = { hasPassword: boolean; totpSince: string | null; passkeys: unknown[] }

/** Asks once more who sits here, where what they want takes a newer proof than their sign-in; then it goes on. */
export function ConfirmIdentity() {
  const [means, setMeans] = useState<Means | null>(null)
  const answer = useRef<((shown: boolean) => void) | null>(null)
  useEffect(
    () =>
      askForProofBy(async () => {
        const found = await api<Means>('/api/account').catch(() => null)
        if (!found) return false
        setMeans(found)
        return await new Promise<boolean>((resolve) => {
          answer.current = resolve
        })
      }),
    [],
  )
  function close(shown: boolean) {
    setMeans(null)
    answer.current?.(shown)
    answer.current = null
  }
  return (
    <Dialog open={means !== null} onClose={() => close(false)} title="Is it you?">
      {means && <ProofForm means={means} onEnd={close} />}
    </Dialog>
  )
}

function ProofForm({ means, onEnd }: { means: Means; onEnd: (shown: boolean) => void }) {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const byPasskey = means.passkeys.length > 0
  // A passkey is two factors: a password alone does not stand in for it.
  const byForm = means.totpSince !== null || (means.hasPassword && !byPasskey)

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    if (busy) return
    const form = event.currentTarget
    setBusy(true)
    setError(null)
    const body = Object.fromEntries(new FormData(form))
    try {
      const path = '/api/account/confirm-identity'
      const { right } = await api<{ right: boolean }>(path, { method: 'POST', body })
      if (right) return onEnd(true)
      setError('This is not right. A code works once: wait for the next one if you have used it.')
      form.reset()
    } catch (thrown) {
      setError(
        thrown instanceof ApiError && thrown.status === 400 ? 'The code is too short.' : sentenceFor(thrown),
      )
    }
    setBusy(false)
  }

  async function usePasskey() {
    setError(null)
    try {
      await signInWithPasskey()
      onEnd(true)
    } catch (thrown) {
      setError(passkeySentence(thrown))
    }
  }

  return (
    <form method="post" onSubmit={submit} className="grid grid-cols-1 gap-4">
      <p className="text-ink-2">
        {byForm || byPasskey
          ? 'You signed in a while ago. Show once more that it is you, and this goes on.'
          : 'You signed in a while ago. Sign out and in again, then do this.'}
      </p>
      <FormError>{error}</FormError>
      {byForm && means.hasPassword && (
        <Field
          label="Your password"
          name="password"
          type="password"
          autoComplete="current-password"
          required
        />
      )}
      {byForm && means.totpSince && (
        <Field
          label="Code from your authenticator app, or a recovery code"
          name="code"
          autoComplete="one-time-code"
          required
        />
      )}
      <DialogActions>
        <Button onClick={() => onEnd(false)}>Cancel</Button>
        {byPasskey && (
          <Button look={byForm ? undefined : 'solid'} onClick={usePasskey}>
            Use a passkey
          </Button>
        )}
        {byForm && (
          <Button type="submit" look="solid" busy={busy}>
            Go on
          </Button>
        )}
      </DialogActions>
    </form>
  )
}

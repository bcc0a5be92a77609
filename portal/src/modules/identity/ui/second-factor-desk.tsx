'use client'

import { type FormEvent, useState } from 'react'
import { ApiError, api, sentenceFor } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { CodeInput } from '#portal/ui/code-input.tsx'
import { Field, FormError } from '#portal/ui/field.tsx'
import { wayBack } from './after-sign-in.ts'
import { addPasskey, hasPasskeys, passkeySentence, signInWithPasskey } from './passkey-calls.ts'
import { TotpSetup } from './totp-setup.tsx'

const leave = () => location.assign(wayBack())

async function signOut() {
  await api('/api/auth/sign-out', { method: 'POST', body: {} }).catch(() => {})
  location.assign('/')
}

function SignOut() {
  return (
    <Button look="quiet" onClick={signOut}>
      Sign out instead
    </Button>
  )
}

/** Asks for the second factor that a session owes: a code, a recovery code, or a passkey. */
export function ProveSecondFactor({ totp, passkey }: { totp: boolean; passkey: boolean }) {
  const [recovery, setRecovery] = useState(false)
  const [code, setCode] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string | null>(null)

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    if (busy) return
    const given = recovery ? String(new FormData(event.currentTarget).get('recovery')).trim() : code
    setBusy(true)
    setError(null)
    try {
      const body = { code: given }
      const { right } = await api<{ right: boolean }>('/api/account/second-factor', { method: 'POST', body })
      if (right) return leave()
      setError('This code is not right, or was used before. Each code works once.')
    } catch (thrown) {
      const short = thrown instanceof ApiError && thrown.status === 400
      setError(short ? 'This code is too short.' : sentenceFor(thrown))
    }
    setCode('')
    setBusy(false)
  }

  async function usePasskey() {
    setError(null)
    try {
      await signInWithPasskey()
      leave()
    } catch (thrown) {
      setError(passkeySentence(thrown))
    }
  }

  return (
    <div className="grid grid-cols-1 gap-4">
      <FormError>{error}</FormError>
      {totp && (
        <form method="post" onSubmit={submit} className="grid grid-cols-1 gap-4">
          {recovery ? (
            <Field label="Recovery code" name="recovery" autoComplete="off" required autoFocus />
          ) : (
            <CodeInput label="Code from your authenticator app" value={code} onChange={setCode} autoFocus />
          )}
          <Button type="submit" look="solid" busy={busy} disabled={!recovery && code.length < 6}>
            Go on
          </Button>
          <Button look="quiet" onClick={() => setRecovery(!recovery)}>
            {recovery ? 'Use the authenticator app' : 'Use a recovery code'}
          </Button>
        </form>
      )}
      {passkey && <Button onClick={usePasskey}>Use a passkey</Button>}
      <SignOut />
    </div>
  )
}

/** The first set-up of a second factor, for staff who must have one: an authenticator app or a passkey. */
export function SetUpSecondFactor() {
  const [way, setWay] = useState<'choose' | 'totp'>('choose')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string | null>(null)

  async function usePasskey() {
    setBusy(true)
    setError(null)
    try {
      await addPasskey('Passkey')
      leave()
    } catch (thrown) {
      setError(passkeySentence(thrown))
      setBusy(false)
    }
  }

  if (way === 'totp') return <TotpSetup onDone={leave} />
  return (
    <div className="grid grid-cols-1 gap-3">
      <FormError>{error}</FormError>
      <Button look="solid" onClick={() => setWay('totp')}>
        Set up an authenticator app
      </Button>
      <Button onClick={usePasskey} busy={busy} disabled={!hasPasskeys()}>
        Make a passkey
      </Button>
      <SignOut />
    </div>
  )
}

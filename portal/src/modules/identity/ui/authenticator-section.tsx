'use client'

import { type FormEvent, useState } from 'react'
import { ApiError, api, sentenceFor } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { Dialog, DialogActions } from '#portal/ui/dialog.tsx'
import { Field, FormError } from '#portal/ui/field.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { counted } from '#portal/ui/words.ts'
import { AccountSection } from './account-section.tsx'
import { RecoveryCodeList } from './recovery-code-list.tsx'
import { TotpSetup } from './totp-setup.tsx'

type Act = 'set-up' | 'renew' | 'remove'

const titles: Record<Act, string> = {
  'set-up': 'Set up an authenticator app',
  renew: 'New recovery codes',
  remove: 'Remove the authenticator app',
}

/** The authenticator app of an account and its recovery codes. */
export function AuthenticatorSection({
  since,
  codesLeft,
  offered,
  onChanged,
}: {
  since: string | null
  codesLeft: number
  offered: boolean
  onChanged: () => void
}) {
  const [act, setAct] = useState<Act | null>(null)
  function close() {
    setAct(null)
    onChanged()
  }
  return (
    <AccountSection
      title="Authenticator app"
      lead="Six digits from your phone, asked for after the password at each sign-in."
    >
      {since ? (
        <>
          <p>
            Set up <Instant at={since} />, {counted(codesLeft, 'recovery code')} left.
          </p>
          <div className="flex flex-wrap gap-2">
            <Button onClick={() => setAct('renew')}>New recovery codes…</Button>
            <Button look="stop" onClick={() => setAct('remove')}>
              Remove…
            </Button>
          </div>
        </>
      ) : offered ? (
        <div>
          <Button onClick={() => setAct('set-up')}>Set up…</Button>
        </div>
      ) : (
        <p className="text-ink-2">Second factors are switched off in this portal.</p>
      )}
      <Dialog open={act !== null} onClose={close} title={act ? titles[act] : ''}>
        {act === 'set-up' && <TotpSetup onDone={close} />}
        {(act === 'renew' || act === 'remove') && <ShownOnceMore act={act} onDone={close} />}
      </Dialog>
    </AccountSection>
  )
}

const paths = { renew: '/api/account/recovery-codes', remove: '/api/account/totp/remove' }

/** What takes a code once more before it is done. */
function ShownOnceMore({ act, onDone }: { act: 'renew' | 'remove'; onDone: () => void }) {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const [codes, setCodes] = useState<string[] | null>(null)

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    if (busy) return
    const body = { code: String(new FormData(event.currentTarget).get('code')).trim() }
    setBusy(true)
    setError(null)
    try {
      const answer = await api<{ recoveryCodes: string[] } | undefined>(paths[act], { method: 'POST', body })
      if (answer) setCodes(answer.recoveryCodes)
      else onDone()
    } catch (thrown) {
      const wrong = thrown instanceof ApiError && (thrown.status === 403 || thrown.status === 400)
      setError(
        wrong ? 'This code is not right, or was used before. Wait for the next one.' : sentenceFor(thrown),
      )
    } finally {
      setBusy(false)
    }
  }

  if (codes) return <RecoveryCodeList codes={codes} onDone={onDone} />
  return (
    <form method="post" onSubmit={submit} className="grid grid-cols-1 gap-4">
      <FormError>{error}</FormError>
      <Field
        label="Code from the app, or a recovery code"
        name="code"
        autoComplete="one-time-code"
        required
      />
      <DialogActions>
        <Button onClick={onDone}>Cancel</Button>
        <Button type="submit" look={act === 'remove' ? 'stop' : 'solid'} busy={busy}>
          {act === 'remove' ? 'Remove' : 'Make new codes'}
        </Button>
      </DialogActions>
    </form>
  )
}

'use client'

import { type FormEvent, useState } from 'react'
import { api, sentenceFor } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { Dialog, DialogActions } from '#portal/ui/dialog.tsx'
import { Field, FormError } from '#portal/ui/field.tsx'
import { Instant, useInBrowser } from '#portal/ui/time.tsx'
import { AccountSection } from './account-section.tsx'
import { addPasskey, hasPasskeys, passkeySentence } from './passkey-calls.ts'

export type PasskeyItem = { id: string; name: string | null; createdAt: string; backedUp: boolean }

/** The passkeys of an account: made, named, removed. */
export function PasskeySection({ passkeys, onChanged }: { passkeys: PasskeyItem[]; onChanged: () => void }) {
  const [error, setError] = useState<string | null>(null)
  const [naming, setNaming] = useState<PasskeyItem | 'new' | null>(null)
  const able = useInBrowser() && hasPasskeys()

  async function remove(id: string) {
    setError(null)
    try {
      await api(`/api/account/passkeys/${id}`, { method: 'DELETE' })
      onChanged()
    } catch (thrown) {
      setError(sentenceFor(thrown))
    }
  }

  return (
    <AccountSection
      title="Passkeys"
      lead="Sign in by fingerprint, face or PIN. A passkey counts as two factors and can’t be phished."
    >
      <FormError>{error}</FormError>
      {passkeys.length > 0 && (
        <ul className="grid grid-cols-1 divide-y divide-line border-y border-line">
          {passkeys.map((key) => (
            <li key={key.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 py-2.5">
              <span className="min-w-0 flex-1 truncate font-medium">{key.name ?? 'Passkey'}</span>
              <span className="text-sm text-ink-2">
                added <Instant at={key.createdAt} />
                {key.backedUp ? ', synced' : ', this device only'}
              </span>
              <span className="flex gap-2">
                <Button small onClick={() => setNaming(key)} aria-label={`Rename ${key.name ?? 'Passkey'}`}>
                  Rename
                </Button>
                <Button
                  small
                  look="stop"
                  onClick={() => remove(key.id)}
                  aria-label={`Remove ${key.name ?? 'Passkey'}`}
                >
                  Remove
                </Button>
              </span>
            </li>
          ))}
        </ul>
      )}
      <div>
        <Button onClick={() => setNaming('new')} disabled={!able}>
          Add a passkey…
        </Button>
      </div>
      <NamePasskey
        key={naming === null ? 'none' : naming === 'new' ? 'new' : naming.id}
        passkey={naming}
        onClose={() => setNaming(null)}
        onDone={onChanged}
      />
    </AccountSection>
  )
}

/** Names a passkey that is there, or one that is made with this name. */
function NamePasskey({
  passkey,
  onClose,
  onDone,
}: {
  passkey: PasskeyItem | 'new' | null
  onClose: () => void
  onDone: () => void
}) {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const present = passkey === 'new' || passkey === null ? null : passkey

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    if (busy) return
    const name = String(new FormData(event.currentTarget).get('name')).trim()
    setBusy(true)
    setError(null)
    try {
      if (present) await api(`/api/account/passkeys/${present.id}`, { method: 'PATCH', body: { name } })
      else await addPasskey(name)
      onDone()
      onClose()
    } catch (thrown) {
      setError(present ? sentenceFor(thrown) : passkeySentence(thrown))
      setBusy(false)
    }
  }

  return (
    <Dialog
      open={passkey !== null}
      onClose={onClose}
      title={present ? 'Rename the passkey' : 'Add a passkey'}
    >
      <form method="post" onSubmit={submit} className="grid grid-cols-1 gap-4">
        <FormError>{error}</FormError>
        <Field
          label="Name"
          name="name"
          defaultValue={present?.name ?? ''}
          hint="So that you know it again, such as: work laptop."
          required
          maxLength={60}
          autoComplete="off"
        />
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="solid" busy={busy}>
            {present ? 'Rename' : 'Go on'}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  )
}

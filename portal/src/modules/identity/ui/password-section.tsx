'use client'

import { type FormEvent, useRef, useState } from 'react'
import { ApiError, api, sentenceFor } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { Field, FormError, Tick } from '#portal/ui/field.tsx'
import { AccountSection } from './account-section.tsx'

/** Another password, for whoever knows the present one. */
export function PasswordSection({ onChanged }: { onChanged: () => void }) {
  const form = useRef<HTMLFormElement>(null)
  const [busy, setBusy] = useState(false)
  const [done, setDone] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const [fault, setFault] = useState<string | undefined>()

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    if (busy) return
    const given = new FormData(event.currentTarget)
    setBusy(true)
    setDone(false)
    setError(null)
    setFault(undefined)
    try {
      const body = {
        currentPassword: String(given.get('current')),
        newPassword: String(given.get('new')),
        endOthers: given.get('endOthers') === 'on',
      }
      await api('/api/account/password', { method: 'POST', body })
      setDone(true)
      form.current?.reset()
      onChanged()
    } catch (thrown) {
      const known = thrown instanceof ApiError ? thrown : null
      setFault(known?.fields.newPassword)
      setError(known?.status === 403 ? 'The present password is not right.' : sentenceFor(thrown))
    } finally {
      setBusy(false)
    }
  }

  return (
    <AccountSection title="Password" lead="Three or four random words make a good one.">
      <form method="post" ref={form} onSubmit={submit} className="grid max-w-[420px] grid-cols-1 gap-3">
        <FormError>{fault ? null : error}</FormError>
        <Field
          label="Present password"
          name="current"
          type="password"
          autoComplete="current-password"
          required
        />
        <Field
          label="New password"
          name="new"
          type="password"
          autoComplete="new-password"
          required
          minLength={12}
          maxLength={256}
          hint="At least 12 characters."
          error={fault}
        />
        <Tick label="End my other sessions" name="endOthers" defaultChecked />
        <div className="flex items-center gap-3">
          <Button type="submit" busy={busy}>
            Change the password
          </Button>
          <span role="status" className="text-sm text-ink-2">
            {done ? 'Changed' : ''}
          </span>
        </div>
      </form>
    </AccountSection>
  )
}

'use client'

import { type FormEvent, useState } from 'react'
import { api } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { Dialog, DialogActions } from '#portal/ui/dialog.tsx'
import { Choice, FormError } from '#portal/ui/field.tsx'
import { ReasonArea } from '#portal/ui/send-form.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { useSend } from '#portal/ui/use-send.ts'
import { type PersonItem, PersonState, roleWords } from './people-table.tsx'

export type Powers = { self: string; changes: boolean; resets: boolean }
type Organisation = { id: string; name: string }
type Send = (method: 'POST' | 'PATCH', act: string, body: object) => void
type Step = 'look' | 'deactivate' | 'reset'

/** One account: who it is, and what somebody else may change about it. */
export function PersonDrawer({
  person,
  organisations,
  powers,
  onClose,
  onDone,
}: {
  person: PersonItem | null
  organisations: Organisation[]
  powers: Powers
  onClose: () => void
  onDone: () => void
}) {
  return (
    <Dialog
      open={person !== null}
      onClose={onClose}
      shape="drawer"
      title={<span className="break-words">{person?.name ?? person?.email}</span>}
      aside={person && <PersonState person={person} />}
    >
      {person && (
        <PersonActs
          key={person.id}
          {...{ person, organisations, powers }}
          onDone={() => {
            onDone()
            onClose()
          }}
        />
      )}
    </Dialog>
  )
}

function PersonActs({
  person,
  organisations,
  powers,
  onDone,
}: {
  person: PersonItem
  organisations: Organisation[]
  powers: Powers
  onDone: () => void
}) {
  const [step, setStep] = useState<Step>('look')
  const { busy, error, fields, send } = useSend()
  const run: Send = (method, act, body) =>
    void send(async () => {
      await api(`/api/admin/users/${person.id}${act}`, { method, body })
      onDone()
    })
  const back = () => setStep('look')
  const own = person.id === powers.self
  return (
    <>
      <p className="text-ink-2 break-words">
        {person.email} · {roleWords[person.role] ?? person.role} at {person.organisationName} · since{' '}
        <Instant at={person.createdAt} />
      </p>
      <FormError>{error}</FormError>
      {own && <p>This is you: another administrator changes your role, or resets your second factor.</p>}
      {!own && !powers.changes && !powers.resets && (
        <p>Staff of security or operations change accounts, and staff of security reset a second factor.</p>
      )}
      {!own && step === 'look' && (
        <>
          {powers.changes && !person.deactivatedAt && (
            <PlaceForm {...{ person, organisations, busy, run, fields }} />
          )}
          <EndingActs {...{ person, powers, busy, run }} onStep={setStep} />
        </>
      )}
      {step === 'deactivate' && <Deactivation busy={busy} run={run} onBack={back} />}
      {step === 'reset' && <ResetForm {...{ busy, fields, run }} onBack={back} />}
    </>
  )
}

function PlaceForm({
  person,
  organisations,
  busy,
  run,
  fields,
}: {
  person: PersonItem
  organisations: Organisation[]
  busy: boolean
  run: Send
  fields: Record<string, string>
}) {
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    run('PATCH', '', { role: form.get('role'), organisationId: form.get('organisationId') })
  }
  return (
    <form onSubmit={submit} className="grid grid-cols-1 gap-4 border-t border-line pt-4">
      <Choice
        label="Role"
        name="role"
        defaultValue={person.role}
        hint="Staff groups end with the administrator’s role."
        error={fields.role}
      >
        {Object.entries(roleWords).map(([role, word]) => (
          <option key={role} value={role}>
            {word}
          </option>
        ))}
      </Choice>
      <Choice
        label="Organisation"
        name="organisationId"
        defaultValue={person.organisationId}
        hint="In another organisation their API keys end."
        error={fields.organisationId}
      >
        {organisations.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </Choice>
      <DialogActions>
        <Button type="submit" look="solid" busy={busy}>
          Save the change
        </Button>
      </DialogActions>
    </form>
  )
}

function EndingActs({
  person,
  powers,
  busy,
  run,
  onStep,
}: {
  person: PersonItem
  powers: Powers
  busy: boolean
  run: Send
  onStep: (step: Step) => void
}) {
  if (!powers.changes && !powers.resets) return null
  return (
    <div className="flex flex-wrap gap-2 border-t border-line pt-4 max-sm:flex-col">
      {powers.resets && !person.deactivatedAt && (
        <Button onClick={() => onStep('reset')}>Reset the second factor…</Button>
      )}
      {powers.changes && !person.deactivatedAt && (
        <Button busy={busy} onClick={() => run('POST', '/end-sessions', {})}>
          Sign them out everywhere
        </Button>
      )}
      {powers.changes && !person.deactivatedAt && (
        <Button look="stop" onClick={() => onStep('deactivate')}>
          Deactivate…
        </Button>
      )}
      {powers.changes && person.deactivatedAt && (
        <>
          <p className="w-full text-ink-2">
            Deactivated <Instant at={person.deactivatedAt} />. They come back in the role they had, without
            staff groups and without their API keys.
          </p>
          <Button look="solid" busy={busy} onClick={() => run('POST', '/reactivate', {})}>
            Reactivate
          </Button>
        </>
      )}
    </div>
  )
}

function Deactivation({ busy, run, onBack }: { busy: boolean; run: Send; onBack: () => void }) {
  return (
    <div className="grid grid-cols-1 gap-3 border-t border-line pt-4">
      <h3 className="text-md font-semibold">Deactivate this account?</h3>
      <p className="text-ink-2">
        Every session, every API key and every staff group of theirs ends at once. The links they made go on:
        revoke those under All shares. You can let them in again later.
      </p>
      <DialogActions>
        <Button onClick={onBack}>Back</Button>
        <Button look="stop" busy={busy} onClick={() => run('POST', '/deactivate', {})}>
          Deactivate
        </Button>
      </DialogActions>
    </div>
  )
}

function ResetForm({
  busy,
  fields,
  run,
  onBack,
}: {
  busy: boolean
  fields: Record<string, string>
  run: Send
  onBack: () => void
}) {
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const reason = String(new FormData(event.currentTarget).get('reason')).trim()
    run('POST', '/reset-second-factor', { reason })
  }
  return (
    <form onSubmit={submit} className="grid grid-cols-1 gap-4 border-t border-line pt-4">
      <h3 className="text-md font-semibold">Reset the second factor?</h3>
      <p className="text-ink-2">
        Their authenticator app, recovery codes and passkeys are removed, and every session ends. They are
        told by mail. Make sure first that it is they who ask.
      </p>
      <ReasonArea error={fields.reason} />
      <DialogActions>
        <Button onClick={onBack}>Back</Button>
        <Button type="submit" look="stop" busy={busy}>
          Reset
        </Button>
      </DialogActions>
    </form>
  )
}

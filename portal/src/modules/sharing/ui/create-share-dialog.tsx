'use client'

import { type FormEvent, useState } from 'react'
import { ApiError, sentenceFor } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { classes } from '#portal/ui/classes.ts'
import { CopyField } from '#portal/ui/copy-field.tsx'
import { Dialog, DialogActions } from '#portal/ui/dialog.tsx'
import { Choice, Field, FormError, TextArea } from '#portal/ui/field.tsx'
import { Instant } from '#portal/ui/time.tsx'
import type { NewShare } from '../answers.ts'
import { makeShare } from './share-api.ts'
import { ShareConditions } from './share-conditions.tsx'
import { blankShare, expiryChoices, requestOf, type ShareForm } from './share-form.ts'
import type { Access } from './share-words.ts'

const choices: { access: Access; title: string; says: string }[] = [
  { access: 'email', title: 'Verified e-mail', says: 'They prove their address with a six-digit code.' },
  { access: 'account', title: 'Account', says: 'They sign in to this portal.' },
  {
    access: 'link',
    title: 'Anyone with the link',
    says: 'Whoever has the link can watch, and can pass it on.',
  },
]

/** Makes a link to a video; the link is shown this once. */
export function CreateShareDialog({
  videoId,
  open,
  onClose,
  onMade,
}: {
  videoId: string
  open: boolean
  onClose: () => void
  onMade: () => void
}) {
  const [form, setForm] = useState<ShareForm>(blankShare)
  const [made, setMade] = useState<NewShare | null>(null)
  const [faults, setFaults] = useState<Record<string, string>>({})
  const [error, setError] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const set = (change: Partial<ShareForm>) => setForm((before) => ({ ...before, ...change }))

  function close() {
    onClose()
    setMade(null)
    setForm(blankShare)
    setFaults({})
    setError(null)
  }

  async function submit(event: FormEvent) {
    event.preventDefault()
    const asked = requestOf(form, Date.now())
    if ('faults' in asked) return setFaults(asked.faults)
    setBusy(true)
    setFaults({})
    setError(null)
    try {
      setMade(await makeShare(videoId, asked.request))
      onMade()
    } catch (thrown) {
      const fields = thrown instanceof ApiError ? thrown.fields : {}
      setFaults(
        Object.fromEntries(Object.entries(fields).map(([path, message]) => [path.split('.')[0], message])),
      )
      // Going beyond the limits is no fault: the field that asks why says it all.
      setError(fields.reason ? null : sentenceFor(thrown))
    } finally {
      setBusy(false)
    }
  }

  if (made?.status === 'pending_approval') {
    return (
      <Dialog open={open} onClose={close} title="A second person decides">
        <p className="text-ink-2">
          This link goes beyond what is allowed without asking. An administrator sees it with your reason. You
          get a mail when it is decided, and fetch the link then; until that nobody can watch by it.
        </p>
        <DialogActions>
          <Button onClick={close}>Done</Button>
        </DialogActions>
      </Dialog>
    )
  }
  if (made) {
    return (
      <Dialog open={open} onClose={close} title="The link is ready">
        <p className="text-ink-2">
          Copy it now: it is shown this once, and only its fingerprint is kept. It works until{' '}
          <Instant at={made.expiresAt} className="font-medium text-ink" />.
        </p>
        <CopyField value={made.url} label="Share link" />
        <DialogActions>
          <Button onClick={close}>Done</Button>
        </DialogActions>
      </Dialog>
    )
  }
  return (
    <Dialog open={open} onClose={close} title="Share this video">
      <form onSubmit={submit} noValidate className="grid grid-cols-1 gap-4">
        <FormError>{error}</FormError>
        <fieldset className="grid grid-cols-1 gap-2">
          <legend className="pb-1.5 text-sm font-medium">Who can watch</legend>
          {choices.map(({ access, title, says }) => (
            <label
              key={access}
              className={classes(
                'flex cursor-pointer gap-3 rounded-control border px-3 py-2.5 has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-focus',
                form.access === access ? 'border-ink bg-sunken' : 'border-line hover:bg-sunken',
              )}
            >
              <input
                type="radio"
                name="access"
                value={access}
                checked={form.access === access}
                onChange={() => set({ access })}
                className="mt-1 size-4 shrink-0 accent-[var(--solid)] outline-none"
              />
              <span>
                <span className="block font-medium">{title}</span>
                <span className="block text-sm text-ink-2">{says}</span>
              </span>
            </label>
          ))}
        </fieldset>
        {form.access !== 'link' && (
          <TextArea
            label="Only these addresses or domains"
            optional
            hint="For example jo@northside.example, or northside.example for everybody there. Left empty, any proved address may watch."
            value={form.allow}
            error={faults.allow}
            onChange={(event) => set({ allow: event.target.value })}
            spellCheck={false}
          />
        )}
        <div className="grid grid-cols-2 gap-4">
          <Choice
            label="Ends"
            value={form.hours}
            error={faults.expiresAt}
            onChange={(event) => set({ hours: Number(event.target.value) })}
          >
            {expiryChoices.map(({ hours, label }) => (
              <option key={hours} value={hours}>
                {label}
              </option>
            ))}
          </Choice>
          <Field
            label="Views at most"
            optional
            inputMode="numeric"
            placeholder="any number"
            value={form.maxViews}
            error={faults.maxViews}
            onChange={(event) => set({ maxViews: event.target.value })}
          />
        </div>
        <Field
          label="Password"
          optional
          type="text"
          autoComplete="off"
          hint="Tell it to them some other way than this link."
          value={form.password}
          error={faults.password}
          onChange={(event) => set({ password: event.target.value })}
        />
        <ShareConditions form={form} faults={faults} set={set} />
        {(faults.reason || form.reason) && (
          <TextArea
            label="Why it should"
            rows={2}
            maxLength={500}
            hint="A second person reads this and decides."
            autoFocus
            value={form.reason}
            error={faults.reason && 'This link goes beyond the limits. Say why it should.'}
            onChange={(event) => set({ reason: event.target.value })}
          />
        )}
        <DialogActions>
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" look="solid" busy={busy}>
            {busy ? 'Making the link…' : form.reason ? 'Ask for the link' : 'Make the link'}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  )
}

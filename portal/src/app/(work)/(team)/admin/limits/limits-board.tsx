'use client'

import { type FormEvent, useState } from 'react'
import type { ShareLimits } from '#portal/modules/sharing/inputs.ts'
import type { LimitsVersion } from '#portal/modules/sharing/set-share-limits.ts'
import { DEFAULT_LIMITS, limitsInWords } from '#portal/modules/sharing/share-limits.ts'
import { ApiError, api, sentenceFor } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { Choice, Field, FormError, Tick } from '#portal/ui/field.tsx'
import { PageHead } from '#portal/ui/page-head.tsx'
import { useReachableRefresh } from '#portal/ui/use-refresh.ts'
import { LimitsHistory } from './limits-history.tsx'

type Form = Omit<ShareLimits, 'lifeDays' | 'mostLifeDays' | 'mostViews'> & {
  lifeDays: string
  mostLifeDays: string
  mostViews: string
}

/** Floors and ceilings of new links: what they are, what they mean, and who changed them. */
export function LimitsBoard({
  current,
  history,
  canSet,
}: {
  current: { version: number; limits: ShareLimits }
  history: LimitsVersion[]
  canSet: boolean
}) {
  const [form, setForm] = useState<Form>(() => formOf(current.limits))
  const [faults, setFaults] = useState<Record<string, string>>({})
  const [error, setError] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const refresh = useReachableRefresh()
  const set = (change: Partial<Form>) => setForm((before) => ({ ...before, ...change }))
  const limits = limitsOf(form)

  async function save(event: FormEvent) {
    event.preventDefault()
    setBusy(true)
    setFaults({})
    setError(null)
    try {
      await api('/api/admin/share-limits', { method: 'PUT', body: { ...limits, version: current.version } })
      refresh()
    } catch (thrown) {
      const fields = thrown instanceof ApiError ? thrown.fields : {}
      setFaults(fields)
      setError(Object.keys(fields).length > 0 ? null : sentenceFor(thrown))
    } finally {
      setBusy(false)
    }
  }

  return (
    <div className="grid grid-cols-1 gap-6">
      <PageHead title="Limits of links">
        What a new link may be without asking anybody. One beyond them waits for a second person; links that
        exist stay as they were agreed.
      </PageHead>
      <form onSubmit={save} noValidate className="max-w-[560px]">
        <fieldset disabled={!canSet} className="grid grid-cols-1 gap-4">
          <legend className="sr-only">Limits</legend>
          <LimitFields form={form} faults={faults} set={set} />
          <p role="status" className="rounded-control bg-sunken px-3 py-2.5">
            {limitsInWords(limits)}
          </p>
          <FormError>{error}</FormError>
          {canSet ? (
            <div>
              <Button type="submit" look="solid" busy={busy}>
                {busy ? 'Saving…' : 'Save the limits'}
              </Button>
            </div>
          ) : (
            <p className="text-sm text-ink-2">The groups security and compliance set them.</p>
          )}
        </fieldset>
      </form>
      <LimitsHistory history={history} />
    </div>
  )
}

function LimitFields({
  form,
  faults,
  set,
}: {
  form: Form
  faults: Record<string, string>
  set: (change: Partial<Form>) => void
}) {
  return (
    <>
      <div className="grid grid-cols-2 gap-4 max-sm:grid-cols-1">
        <Field
          label="Days without asking"
          inputMode="numeric"
          value={form.lifeDays}
          error={faults.lifeDays}
          onChange={(event) => set({ lifeDays: event.target.value })}
        />
        <Field
          label="Days at the very most"
          inputMode="numeric"
          hint="Even where a second person agrees."
          value={form.mostLifeDays}
          error={faults.mostLifeDays}
          onChange={(event) => set({ mostLifeDays: event.target.value })}
        />
      </div>
      <Choice
        label="Weakest way in"
        value={form.leastAccess}
        onChange={(event) => set({ leastAccess: event.target.value as ShareLimits['leastAccess'] })}
      >
        <option value="link">Anyone with the link</option>
        <option value="email">Verified e-mail</option>
        <option value="account">Account</option>
      </Choice>
      <Field
        label="Views at most"
        optional
        inputMode="numeric"
        placeholder="any number"
        value={form.mostViews}
        error={faults.mostViews}
        onChange={(event) => set({ mostViews: event.target.value })}
      />
      <Tick
        label="A link that asks for nobody’s name has a password"
        checked={form.passwordForLinks}
        onChange={(event) => set({ passwordForLinks: event.target.checked })}
      />
      <Tick
        label="Every link shows a watermark"
        checked={form.watermark}
        onChange={(event) => set({ watermark: event.target.checked })}
      />
    </>
  )
}

const formOf = (limits: ShareLimits): Form => ({
  ...limits,
  lifeDays: String(limits.lifeDays),
  mostLifeDays: String(limits.mostLifeDays),
  mostViews: limits.mostViews === null ? '' : String(limits.mostViews),
})

// What is no number is sent as nothing that holds: the server says what is wrong with it.
const limitsOf = (form: Form): ShareLimits => ({
  ...DEFAULT_LIMITS,
  ...form,
  lifeDays: Number(form.lifeDays) || 0,
  mostLifeDays: Number(form.mostLifeDays) || 0,
  mostViews: form.mostViews.trim() === '' ? null : Number(form.mostViews) || 0,
})

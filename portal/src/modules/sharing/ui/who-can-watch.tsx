'use client'

import { type FormEvent, useEffect, useState } from 'react'
import { sentenceFor } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { Chip } from '#portal/ui/chip.tsx'
import { Field, FormError } from '#portal/ui/field.tsx'
import { Skeleton } from '#portal/ui/list-states.tsx'
import type { Explanation } from '../answers.ts'
import { audienceWords, needWords, refusalWords } from './explain-words.ts'
import { explainShare } from './share-api.ts'

/** Who would be let in by one link now, by which rule; and the answer for one address. */
export function WhoCanWatch({ shareId }: { shareId: string }) {
  const [audiences, setAudiences] = useState<Explanation[] | null>(null)
  const [exists, setExists] = useState(true)
  const [whatIf, setWhatIf] = useState<Explanation | null>(null)
  const [address, setAddress] = useState('')
  const [error, setError] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)

  useEffect(() => {
    const abort = new AbortController()
    setWhatIf(null)
    explainShare(shareId, undefined, abort.signal).then(
      (told) => {
        setAudiences(told.audiences)
        setExists(told.exists)
      },
      (thrown) => abort.signal.aborted || setError(sentenceFor(thrown)),
    )
    return () => abort.abort()
  }, [shareId])

  async function ask(event: FormEvent) {
    event.preventDefault()
    setBusy(true)
    setError(null)
    try {
      setWhatIf((await explainShare(shareId, address.trim())).whatIf)
    } catch (thrown) {
      setError(sentenceFor(thrown))
    } finally {
      setBusy(false)
    }
  }

  return (
    <section aria-labelledby="who-can-watch" className="grid grid-cols-1 gap-3">
      <h3 id="who-can-watch" className="text-md font-semibold">
        Who could watch now, and why
      </h3>
      {!exists && <p className="text-sm text-ink-2">Nobody yet: the link has not been made.</p>}
      {!audiences && !error && <Skeleton className="h-12" />}
      <ul className="grid grid-cols-1 gap-2 text-sm">
        {audiences?.map((one) => (
          <li key={JSON.stringify(one.audience)}>
            <Answer told={one} />
          </li>
        ))}
      </ul>
      <form onSubmit={ask} className="flex flex-wrap items-end gap-2">
        <Field
          label="What if this address came?"
          type="email"
          required
          className="min-w-0 flex-1 basis-52"
          placeholder="jo@northside.example"
          value={address}
          onChange={(event) => setAddress(event.target.value)}
        />
        <Button type="submit" busy={busy}>
          Ask
        </Button>
      </form>
      <FormError>{error}</FormError>
      {whatIf && (
        <div role="status" className="text-sm">
          <Answer told={whatIf} />
        </div>
      )}
    </section>
  )
}

function Answer({ told }: { told: Explanation }) {
  return (
    <div className="grid grid-cols-1 gap-0.5">
      <span className="flex flex-wrap items-center gap-2">
        <Chip tone={told.wouldWatch ? 'proof' : 'stop'}>{told.wouldWatch ? 'Yes' : 'No'}</Chip>
        <span className="min-w-0 font-medium break-words">{audienceWords(told.audience)}</span>
      </span>
      <span className="text-ink-2">
        {told.wouldWatch
          ? told.mustProve.length > 0
            ? `After ${told.mustProve.map(needWords).join(', then ')}.`
            : 'Without proving anything.'
          : refusalWords(told.refusal, told.mustProve)}
        {told.wouldWatch && told.rules.some(({ rule }) => rule === 'device') && ' On one device only.'}
        {told.except.length > 0 && ` Except ${told.except.join(', ')}.`}
      </span>
    </div>
  )
}

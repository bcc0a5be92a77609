'use client'

import { useState } from 'react'
import { sentenceFor } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { FormError, TextArea } from '#portal/ui/field.tsx'

type Answer = { label: string; stops: boolean }

/** A second person's two answers, each with a reason. */
export function Decision({
  yes,
  no,
  send,
  onDecided,
}: {
  yes: Answer
  no: Answer
  send: (agreed: boolean, reason: string) => Promise<unknown>
  onDecided: () => void
}) {
  const [reason, setReason] = useState('')
  const [error, setError] = useState<string | null>(null)
  const [busy, setBusy] = useState<boolean | null>(null)

  async function decide(agreed: boolean) {
    if (busy !== null) return
    if (reason.trim().length < 3) return setError('Say why, in a few words: it goes into the log.')
    setBusy(agreed)
    setError(null)
    try {
      await send(agreed, reason.trim())
      onDecided()
    } catch (thrown) {
      setError(sentenceFor(thrown))
    } finally {
      setBusy(null)
    }
  }

  return (
    <div className="grid grid-cols-1 gap-3">
      <FormError>{error}</FormError>
      <TextArea
        label="Your reason"
        rows={2}
        maxLength={500}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
      />
      <div className="flex flex-wrap gap-2">
        <Button small look={yes.stops ? 'stop' : 'solid'} busy={busy === true} onClick={() => decide(true)}>
          {yes.label}
        </Button>
        <Button small look={no.stops ? 'stop' : 'plain'} busy={busy === false} onClick={() => decide(false)}>
          {no.label}
        </Button>
      </div>
    </div>
  )
}

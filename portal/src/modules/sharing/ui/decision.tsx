'use client'

import { useState } from 'react'
import { notYet } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { FormError, TextArea } from '#portal/ui/field.tsx'
import { useSend } from '#portal/ui/use-send.ts'

type Answer = { label: string; stops: boolean }

/** A second person's two answers, each with a reason. */
export function Decision({
  yes,
  no,
  send: tell,
  onDecided,
}: {
  yes: Answer
  no: Answer
  send: (agreed: boolean, reason: string) => Promise<unknown>
  onDecided: () => void
}) {
  const [reason, setReason] = useState('')
  const [chosen, setChosen] = useState<boolean | null>(null)
  const { busy, error, send } = useSend()

  function decide(agreed: boolean) {
    if (busy) return
    setChosen(agreed)
    void send(async () => {
      if (reason.trim().length < 3) throw notYet('Say why, in a few words: it goes into the log.')
      await tell(agreed, reason.trim())
      onDecided()
    })
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
        <Button
          small
          look={yes.stops ? 'stop' : 'solid'}
          busy={busy && chosen === true}
          onClick={() => decide(true)}
        >
          {yes.label}
        </Button>
        <Button
          small
          look={no.stops ? 'stop' : 'plain'}
          busy={busy && chosen === false}
          onClick={() => decide(false)}
        >
          {no.label}
        </Button>
      </div>
    </div>
  )
}

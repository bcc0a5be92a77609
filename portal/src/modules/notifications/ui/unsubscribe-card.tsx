'use client'

import { useState } from 'react'
import { api, sentenceFor } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { FormError } from '#portal/ui/field.tsx'
import { FrontDoor } from '#portal/ui/front-door.tsx'

/** Ends the mails about shares by the token in the fragment; opening the page has changed nothing yet. */
export function UnsubscribeCard() {
  const [done, setDone] = useState(false)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string | null>(null)

  async function stop() {
    setBusy(true)
    setError(null)
    try {
      const token = decodeURIComponent(location.hash.slice(1))
      await api(`/api/unsubscribe/${encodeURIComponent(token)}`, { method: 'POST' })
      setDone(true)
    } catch (thrown) {
      setError(sentenceFor(thrown))
    } finally {
      setBusy(false)
    }
  }

  if (done) {
    return (
      <FrontDoor title="No more mails about your shares">
        <p className="text-ink-2">
          You can choose otherwise at any time, in your account under Notifications.
        </p>
      </FrontDoor>
    )
  }
  return (
    <FrontDoor
      title="Stop mails about your shares?"
      lead="First views, refused attempts and links that end. Mails about your account go on."
    >
      <FormError>{error}</FormError>
      <Button look="solid" busy={busy} onClick={() => void stop()}>
        {busy ? 'Stopping…' : 'Stop these mails'}
      </Button>
    </FrontDoor>
  )
}

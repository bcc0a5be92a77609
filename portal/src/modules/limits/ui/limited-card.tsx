'use client'

import { useState } from 'react'
import { Button } from '#portal/ui/button.tsx'
import { FrontDoor } from '#portal/ui/front-door.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { AskOverrideDialog } from './ask-override-dialog.tsx'

/** For a person who was limited: nothing of theirs is locked, and here is what to do. */
export function LimitedCard({
  title,
  until,
  mayAsk,
}: {
  title: string | null
  until: string | null
  mayAsk: boolean
}) {
  const [asking, setAsking] = useState(false)
  const [asked, setAsked] = useState(false)
  return (
    <FrontDoor
      title={title ? `Too often: ${title.toLowerCase()}` : 'How often is too often'}
      lead={
        until ? (
          <>
            It works again <Instant at={until} />. Nothing is locked, and nothing of yours was changed.
          </>
        ) : (
          'The portal limits how often some things can be done, so that it stays quick for everybody. A limit ends by itself; nothing is ever locked.'
        )
      }
      foot={
        <div id="privacy" className="grid grid-cols-1 gap-1.5">
          <h2 className="text-xs font-medium text-ink">What is kept of this</h2>
          <p>
            That a limit was met, which one and when, beside a keyed hash in place of your address or account:
            it finds the same caller again and names nobody. Addresses themselves are not kept. After 180 days
            it is deleted. A request for more is kept for a year with its reason.
          </p>
        </div>
      }
    >
      {asked ? (
        <p role="status">Asked. A second person decides; then it holds at once.</p>
      ) : mayAsk ? (
        <div>
          <Button look="solid" onClick={() => setAsking(true)}>
            Ask for more…
          </Button>
        </div>
      ) : (
        <p>Do you need more? Ask whoever shared the video with you, or sign in and open this page again.</p>
      )}
      <AskOverrideDialog
        open={asking}
        path="/api/limits/overrides"
        onClose={() => setAsking(false)}
        onDone={() => setAsked(true)}
      />
    </FrontDoor>
  )
}

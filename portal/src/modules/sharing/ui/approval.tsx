'use client'

import { useState } from 'react'
import { Button } from '#portal/ui/button.tsx'
import { CopyField } from '#portal/ui/copy-field.tsx'
import { Dialog, DialogActions } from '#portal/ui/dialog.tsx'
import { FormError } from '#portal/ui/field.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { useSend } from '#portal/ui/use-send.ts'
import type { ShareView } from '../answers.ts'
import { Decision } from './decision.tsx'
import { type CollectedShare, collectShare, decideShare } from './share-api.ts'
import { askWords } from './share-words.ts'

/** What a second person sees of a link that waits: what is unusual, why, and the two answers. */
export function Approval({ share, onDecided }: { share: ShareView; onDecided: () => void }) {
  return (
    <div className="grid grid-cols-1 gap-3 rounded-card border border-line bg-sunken p-4">
      <p>
        <strong className="font-semibold">{share.createdByName ?? 'Somebody'}</strong> asks for a link that{' '}
        {share.asks.map(askWords).join(' and ')}.
      </p>
      {share.reason && (
        <blockquote className="border-l-2 border-line-strong pl-3 text-ink-2">{share.reason}</blockquote>
      )}
      <Decision
        yes={{ label: 'Approve', stops: false }}
        no={{ label: 'Decline', stops: true }}
        send={(agreed, reason) => decideShare(share.id, agreed ? 'approve' : 'decline', reason)}
        onDecided={onDecided}
      />
    </div>
  )
}

/** Fetches the link of an approved share, once, and shows it for copying. */
export function CollectLink({ share, onCollected }: { share: ShareView; onCollected: () => void }) {
  const [made, setMade] = useState<CollectedShare | null>(null)
  const { busy, error, send } = useSend()
  const collect = () => send(async () => setMade(await collectShare(share.id)))

  return (
    <>
      <Button small look="solid" busy={busy} onClick={collect}>
        Fetch the link
      </Button>
      {error && <FormError>{error}</FormError>}
      <Dialog
        open={made !== null}
        onClose={() => {
          setMade(null)
          onCollected()
        }}
        title="The link is ready"
      >
        {made && (
          <>
            <p className="text-ink-2">
              Copy it now: it is shown this once, and only its fingerprint is kept. It works until{' '}
              <Instant at={made.expiresAt} className="font-medium text-ink" />.
            </p>
            <CopyField value={made.url} label="Share link" />
            <DialogActions>
              <Button
                onClick={() => {
                  setMade(null)
                  onCollected()
                }}
              >
                Done
              </Button>
            </DialogActions>
          </>
        )}
      </Dialog>
    </>
  )
}

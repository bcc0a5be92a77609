'use client'

import { type FormEvent, useState } from 'react'
import { sentenceFor } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { CopyField } from '#portal/ui/copy-field.tsx'
import { Dialog, DialogActions } from '#portal/ui/dialog.tsx'
import { FormError, TextArea } from '#portal/ui/field.tsx'
import { Instant } from '#portal/ui/time.tsx'
import type { ShareView } from '../answers.ts'
import { type CollectedShare, collectShare, decideShare } from './share-api.ts'
import { askWords } from './share-words.ts'

/** What a second person sees of a link that waits: what is unusual, why, and the two answers. */
export function Approval({ share, onDecided }: { share: ShareView; onDecided: () => void }) {
  const [reason, setReason] = useState('')
  const [error, setError] = useState<string | null>(null)
  const [busy, setBusy] = useState<'approve' | 'decline' | null>(null)

  async function decide(event: FormEvent, decision: 'approve' | 'decline') {
    event.preventDefault()
    if (busy) return
    if (reason.trim().length < 3) return setError('Say why, in a few words: it goes into the log.')
    setBusy(decision)
    setError(null)
    try {
      await decideShare(share.id, decision, reason.trim())
      onDecided()
    } catch (thrown) {
      setError(sentenceFor(thrown))
    } finally {
      setBusy(null)
    }
  }

  return (
    <form
      onSubmit={(event) => decide(event, 'approve')}
      className="grid grid-cols-1 gap-3 rounded-card border border-line bg-sunken p-4"
    >
      <p>
        <strong className="font-semibold">{share.createdByName ?? 'Somebody'}</strong> asks for a link that{' '}
        {share.asks.map(askWords).join(' and ')}.
      </p>
      {share.reason && (
        <blockquote className="border-l-2 border-line-strong pl-3 text-ink-2">{share.reason}</blockquote>
      )}
      <FormError>{error}</FormError>
      <TextArea
        label="Your reason"
        rows={2}
        maxLength={500}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
      />
      <div className="flex flex-wrap gap-2">
        <Button type="submit" look="solid" small busy={busy === 'approve'}>
          Approve
        </Button>
        <Button small look="stop" busy={busy === 'decline'} onClick={(event) => decide(event, 'decline')}>
          Decline
        </Button>
      </div>
    </form>
  )
}

/** Fetches the link of an approved share, once, and shows it for copying. */
export function CollectLink({ share, onCollected }: { share: ShareView; onCollected: () => void }) {
  const [made, setMade] = useState<CollectedShare | null>(null)
  const [error, setError] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)

  async function collect() {
    setBusy(true)
    setError(null)
    try {
      setMade(await collectShare(share.id))
    } catch (thrown) {
      setError(sentenceFor(thrown))
    } finally {
      setBusy(false)
    }
  }

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

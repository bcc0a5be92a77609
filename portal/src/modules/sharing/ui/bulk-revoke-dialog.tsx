'use client'

import { type FormEvent, useEffect, useState } from 'react'
import { notYet } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { Dialog, DialogActions } from '#portal/ui/dialog.tsx'
import { FormError } from '#portal/ui/field.tsx'
import { useSend } from '#portal/ui/use-send.ts'
import { counted } from '#portal/ui/words.ts'
import type { AskedRevocation, Reach, RevocationOutcome } from '../answers.ts'
import { ReasonFields } from './reason-fields.tsx'
import { previewRevocation, type RevokeSelection, requestRevocation } from './revocation-api.ts'
import { RevocationResult } from './revocation-result.tsx'
import type { RevokeReason } from './share-words.ts'

type Props = {
  /** null: closed */
  selection: RevokeSelection | null
  /** what is meant, in words: "3 links", "All links of Session 14" */
  title: string
  /** asks for the act at once instead of a second person's agreement first */
  emergency?: boolean
  onClose: () => void
  onDone: () => void
}

/** Takes back many links, or stops one person: says how much will stop, and asks why. */
export function BulkRevokeDialog({ selection, title, emergency = false, onClose, onDone }: Props) {
  return (
    <Dialog
      open={selection !== null}
      onClose={onClose}
      title={emergency ? `Emergency: ${title}` : `Revoke ${title}?`}
    >
      {selection && (
        <BulkRevokeForm
          key={JSON.stringify(selection)}
          selection={selection}
          emergency={emergency}
          onClose={onClose}
          onDone={onDone}
        />
      )}
    </Dialog>
  )
}

function BulkRevokeForm({
  selection,
  emergency,
  onClose,
  onDone,
}: Omit<Props, 'title' | 'selection' | 'emergency'> & { selection: RevokeSelection; emergency: boolean }) {
  const [reach, setReach] = useState<Reach | null>(null)
  const [reason, setReason] = useState<RevokeReason | ''>('')
  const [note, setNote] = useState('')
  const { busy, error, send, fail } = useSend()
  const [done, setDone] = useState<AskedRevocation | RevocationOutcome | null>(null)

  // biome-ignore lint/correctness/useExhaustiveDependencies: one form, one selection
  useEffect(() => {
    const abort = new AbortController()
    previewRevocation(selection, abort.signal).then(
      setReach,
      (thrown) => !abort.signal.aborted && fail(thrown),
    )
    return () => abort.abort()
  }, [])

  function submit(event: FormEvent) {
    event.preventDefault()
    void send(async () => {
      if (!reason) throw notYet('Choose a reason first: it goes into the log.')
      const trimmed = note.trim()
      setDone(
        await requestRevocation(selection, { reason, emergency, ...(trimmed ? { note: trimmed } : {}) }),
      )
      onDone()
    })
  }

  if (done)
    return (
      <>
        <RevocationResult done={done} />
        <DialogActions>
          <Button onClick={onClose}>Done</Button>
        </DialogActions>
      </>
    )
  return (
    <form onSubmit={submit} className="grid grid-cols-1 gap-4">
      <p className="text-ink-2">
        {reach ? whatStops(selection, reach) : 'Counting what would stop…'}{' '}
        {emergency
          ? 'It acts at once, and a second person says afterwards whether it was right.'
          : 'A second person agrees first; until then nothing stops.'}
      </p>
      <FormError>{error}</FormError>
      <ReasonFields
        reason={reason}
        note={note}
        noteHint="For the second person. Kept in the log: no names, no addresses."
        onReason={setReason}
        onNote={setNote}
      />
      <DialogActions>
        <Button onClick={onClose}>Keep everything</Button>
        <Button type="submit" look="stop" busy={busy}>
          {emergency ? (busy ? 'Revoking…' : 'Revoke now') : busy ? 'Asking…' : 'Ask for the revoke'}
        </Button>
      </DialogActions>
    </form>
  )
}

/** How many links end, and for how many players. */
export function whatStops(selection: RevokeSelection, { shares, watching }: Reach): string {
  const players = watching > 0 ? counted(watching, 'open player goes', 'open players go') : 'nobody is'
  const black = watching > 0 ? `${players} black` : `${players} watching now`
  if ('viewer' in selection)
    return `This person is shut out of every link that asks who they are, ${counted(shares, 'link')} of theirs now; ${black}. The links live on for others.`
  return `${counted(shares, 'live link ends', 'live links end')}; ${black}.`
}

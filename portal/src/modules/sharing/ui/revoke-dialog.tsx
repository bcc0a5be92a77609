'use client'

import { useEffect, useState } from 'react'
import { Button } from '#portal/ui/button.tsx'
import { Dialog, DialogActions } from '#portal/ui/dialog.tsx'
import { FormError } from '#portal/ui/field.tsx'
import { counted } from '#portal/ui/words.ts'
import type { ShareView } from '../answers.ts'
import { ReasonFields } from './reason-fields.tsx'
import { RevokePromise } from './revoke-promise.tsx'
import { getShareDetail, type Revoked, revokeShare } from './share-api.ts'
import { useRevoke } from './use-revoke.ts'

type Target = Pick<ShareView, 'id' | 'videoTitle' | 'watchingNow'>

/** Takes a link back: says what will stop, asks for the reason, and afterwards tells how long it took. */
export function RevokeDialog({
  share,
  onClose,
  onRevoked,
}: {
  share: Target | null
  onClose: () => void
  onRevoked: () => void
}) {
  const { fields, error, busy, done, close, submit } = useRevoke(
    (reason, note) => revokeShare(share?.id ?? '', reason, note),
    { onClose, onRevoked },
  )

  const watching = share?.watchingNow ?? 0
  return (
    <Dialog open={share !== null} onClose={close} title={done ? 'The link is revoked' : 'Revoke this link?'}>
      {share && done && <Outcome id={share.id} done={done} onClose={close} />}
      {share && !done && (
        <form onSubmit={submit} className="grid grid-cols-1 gap-4">
          <p className="text-ink-2">
            <strong className="font-semibold text-ink">{share.videoTitle}</strong>:{' '}
            {watching > 0
              ? `${counted(watching, 'person is', 'people are')} watching now. Their picture goes black at once, and the link never opens again.`
              : 'nobody is watching now. The link never opens again.'}
          </p>
          <FormError>{error}</FormError>
          <ReasonFields {...fields} noteHint="Kept in the log for good: no names, no addresses." />
          <DialogActions>
            <Button onClick={close}>Keep the link</Button>
            <Button type="submit" look="stop" busy={busy}>
              {busy ? 'Revoking…' : 'Revoke the link'}
            </Button>
          </DialogActions>
        </form>
      )}
    </Dialog>
  )
}

const LOOKS = 12
const LOOK_EVERY_MS = 400

/** What the viewers' own pages reported: milliseconds from the revoke to black, the longest of them. */
function useTimeToBlack(id: string, expected: number): { reported: number; slowestMs: number | null } {
  const [seen, setSeen] = useState<{ reported: number; slowestMs: number | null }>({
    reported: 0,
    slowestMs: null,
  })
  useEffect(() => {
    if (expected === 0) return
    const abort = new AbortController()
    let looks = 0
    const timer = setInterval(async () => {
      looks += 1
      if (looks >= LOOKS) clearInterval(timer)
      const detail = await getShareDetail(id, abort.signal).catch(() => null)
      const times = detail?.viewers.flatMap((viewer) => viewer.blackAfterMs ?? []) ?? []
      if (times.length > 0) setSeen({ reported: times.length, slowestMs: Math.max(...times) })
      if (times.length >= expected) clearInterval(timer)
    }, LOOK_EVERY_MS)
    return () => {
      clearInterval(timer)
      abort.abort()
    }
  }, [id, expected])
  return seen
}

function Outcome({ id, done, onClose }: { id: string; done: Revoked; onClose: () => void }) {
  const { reported, slowestMs } = useTimeToBlack(id, done.stoppedPlayers)
  const stopped = counted(done.stoppedPlayers, 'player')
  return (
    <>
      <div role="status" className="grid grid-cols-1 gap-2 text-ink-2">
        {done.stoppedPlayers === 0 && <p>Nobody was watching. The link opens no more.</p>}
        {done.stoppedPlayers > 0 && slowestMs === null && (
          <p>{stopped} stopped. Waiting for their word that they are black…</p>
        )}
        {slowestMs !== null && (
          <p>
            {reported === done.stoppedPlayers
              ? `${stopped} went black`
              : `${reported} of ${stopped} reported black so far`}{' '}
            after <strong className="mono text-ink">{(slowestMs / 1000).toFixed(2)} s</strong>, as measured by
            the viewer’s own page.
          </p>
        )}
        <RevokePromise boundSeconds={done.boundSeconds} confirmed={done.confirmed} />
      </div>
      <DialogActions>
        <Button onClick={onClose}>Done</Button>
      </DialogActions>
    </>
  )
}

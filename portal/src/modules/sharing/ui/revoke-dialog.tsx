'use client'

import { type ChangeEvent, useEffect, useState } from 'react'
import { notYet } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { Dialog, DialogActions } from '#portal/ui/dialog.tsx'
import { Choice, Field, FormError } from '#portal/ui/field.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { counted } from '#portal/ui/words.ts'
import type { ShareView } from '../answers.ts'
import { ReasonFields } from './reason-fields.tsx'
import { RevokePromise } from './revoke-promise.tsx'
import { getShareDetail, type Revoked, revokeShare, scheduleRevoke } from './share-api.ts'
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
  const [later, setLater] = useState(false)
  // As `datetime-local` gives it, in the browser's own zone.
  const [at, setAt] = useState('')
  const { fields, error, busy, done, close, submit } = useRevoke<Revoked | { at: string }>(
    async (reason, note) => {
      const id = share?.id ?? ''
      if (!later) return await revokeShare(id, reason, note)
      if (!at) throw notYet('Say when it is to be revoked.')
      return await scheduleRevoke(id, new Date(at).toISOString(), reason, note)
    },
    {
      onRevoked,
      onClose() {
        setLater(false)
        setAt('')
        onClose()
      },
    },
  )

  const watching = share?.watchingNow ?? 0
  return (
    <Dialog open={share !== null} onClose={close} title={titleOf(done)}>
      {share && done && 'at' in done && <Scheduled at={done.at} onClose={close} />}
      {share && done && !('at' in done) && <Outcome id={share.id} done={done} onClose={close} />}
      {share && !done && (
        <form onSubmit={submit} className="grid grid-cols-1 gap-4">
          <p className="text-ink-2">
            <strong className="font-semibold text-ink">{share.videoTitle}</strong>:{' '}
            {later
              ? 'the link stays as it is until then. Whoever watches at that moment sees black, and it never opens again.'
              : watching > 0
                ? `${counted(watching, 'person is', 'people are')} watching now. Their picture goes black at once, and the link never opens again.`
                : 'nobody is watching now. The link never opens again.'}
          </p>
          <FormError>{error}</FormError>
          <When later={later} at={at} onLater={setLater} onAt={(event) => setAt(event.target.value)} />
          <ReasonFields {...fields} noteHint="Kept in the log: no names, no addresses." />
          <DialogActions>
            <Button onClick={close}>Keep the link</Button>
            <Button type="submit" look="stop" busy={busy}>
              {later
                ? busy
                  ? 'Scheduling…'
                  : 'Schedule the revoke'
                : busy
                  ? 'Revoking…'
                  : 'Revoke the link'}
            </Button>
          </DialogActions>
        </form>
      )}
    </Dialog>
  )
}

function titleOf(done: Revoked | { at: string } | null): string {
  if (!done) return 'Revoke this link?'
  return 'at' in done ? 'The revoke is scheduled' : 'The link is revoked'
}

function When(props: {
  later: boolean
  at: string
  onLater: (later: boolean) => void
  onAt: (event: ChangeEvent<HTMLInputElement>) => void
}) {
  return (
    <div className="grid grid-cols-2 gap-4 max-sm:grid-cols-1">
      <Choice
        label="When"
        value={props.later ? 'later' : 'now'}
        onChange={(event) => props.onLater(event.target.value === 'later')}
      >
        <option value="now">now</option>
        <option value="later">at a set time</option>
      </Choice>
      {props.later && (
        <Field label="Revoke at" type="datetime-local" required value={props.at} onChange={props.onAt} />
      )}
    </div>
  )
}

function Scheduled({ at, onClose }: { at: string; onClose: () => void }) {
  return (
    <>
      <p role="status" className="text-ink-2">
        The link is revoked <Instant at={at} className="font-medium text-ink" />. Until then you can cancel
        this on the link’s own page.
      </p>
      <DialogActions>
        <Button onClick={onClose}>Done</Button>
      </DialogActions>
    </>
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

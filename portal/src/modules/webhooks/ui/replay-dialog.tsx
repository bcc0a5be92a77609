'use client'

import { useEffect, useState } from 'react'
import { Button } from '#portal/ui/button.tsx'
import { Dialog, DialogActions } from '#portal/ui/dialog.tsx'
import { FormError } from '#portal/ui/field.tsx'
import { Skeleton } from '#portal/ui/list-states.tsx'
import { useSend } from '#portal/ui/use-send.ts'
import { counted } from '#portal/ui/words.ts'
import type { ReplayPlan, ReplayProgress } from '../answers.ts'
import { type Chosen, planReplay, replay } from './webhook-api.ts'
import { causeInWords } from './webhook-words.ts'

/** Says first what a replay would do, then does it. */
export function ReplayDialog({
  chosen,
  onClose,
  onReplayed,
}: {
  chosen: Chosen | null
  onClose: () => void
  onReplayed: () => void
}) {
  const [plan, setPlan] = useState<ReplayPlan | null>(null)
  const [done, setDone] = useState<ReplayProgress | null>(null)
  const { busy, error, send } = useSend()
  // biome-ignore lint/correctness/useExhaustiveDependencies: planned once for each choice
  useEffect(() => {
    setPlan(null)
    setDone(null)
    if (chosen) void send(async () => setPlan(await planReplay(chosen)))
  }, [chosen])

  const start = () =>
    send(async () => {
      setDone(await replay(chosen ?? {}))
      onReplayed()
    })
  return (
    <Dialog open={chosen !== null} onClose={onClose} title={done ? 'Replay' : 'Replay dead letters?'}>
      <FormError>{error}</FormError>
      {done ? <Outcome done={done} /> : <Plan plan={plan} />}
      <DialogActions>
        <Button onClick={onClose}>{done ? 'Done' : 'Not now'}</Button>
        {!done && (
          <Button look="solid" busy={busy} disabled={!plan || plan.found === 0} onClick={start}>
            {busy && plan ? 'Replaying…' : 'Replay'}
          </Button>
        )}
      </DialogActions>
    </Dialog>
  )
}

function Plan({ plan }: { plan: ReplayPlan | null }) {
  if (!plan) return <Skeleton className="h-14 w-full" />
  if (plan.found === 0) return <p className="text-ink-2">Nothing is left to replay.</p>
  return (
    <div className="grid grid-cols-1 gap-2 text-ink-2">
      <p>
        <strong className="font-semibold text-ink">{counted(plan.found, 'dead letter')}</strong> about{' '}
        {counted(plan.objects, 'upload')} will be tried once more each. What still fails stays where it is.
      </p>
      <ul className="grid grid-cols-1 gap-1">
        {plan.causes.map(({ cause, letters }) => (
          <li key={cause}>
            {causeInWords(cause).title}: {counted(letters, 'letter')}
          </li>
        ))}
      </ul>
    </div>
  )
}

function Outcome({ done }: { done: ReplayProgress }) {
  return (
    <p role="status" className="text-ink-2">
      {done.status === 'running'
        ? `${counted(done.found, 'letter is', 'letters are')} being tried. The page shows how far it is.`
        : `${done.applied} of ${counted(done.found, 'letter')} applied${done.failed > 0 ? `, ${done.failed} failed again` : ''}.`}
    </p>
  )
}

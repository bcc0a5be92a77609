'use client'

import { useState } from 'react'
import type { FindingView, ReconciliationView } from '#portal/modules/reliability/answers.ts'
import { FindingsTable } from '#portal/modules/reliability/ui/findings-table.tsx'
import { ReconciliationRun } from '#portal/modules/reliability/ui/reconciliation-run.tsx'
import { api } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { FormError } from '#portal/ui/field.tsx'
import { FilterChips } from '#portal/ui/filter-chips.tsx'
import { EmptyState } from '#portal/ui/list-states.tsx'
import { PageHead } from '#portal/ui/page-head.tsx'
import { PageLinks } from '#portal/ui/page-links.tsx'
import { ReasonArea, SendDialog } from '#portal/ui/send-form.tsx'
import { useRefresh } from '#portal/ui/use-refresh.ts'
import { useSend } from '#portal/ui/use-send.ts'
import { counted } from '#portal/ui/words.ts'

type Props = {
  run: ReconciliationView | null
  findings: { items: FindingView[]; nextCursor: string | null }
  state: string
  mayDecide: boolean
}

const FILTERS = [
  { value: 'unsettled', label: 'Unsettled' },
  { value: 'held', label: 'Waits for a person' },
  { value: 'done', label: 'Put right' },
]

/** Everything here against everything at the video service: the latest comparison, and each difference. */
export function ReconciliationBoard({ run, findings, state, mayDecide }: Props) {
  const refresh = useRefresh(run?.status === 'running' ? 1500 : 30_000)
  const { busy, error, send } = useSend()
  const [decision, decide] = useState<'go_on' | 'leave' | null>(null)
  const start = (mode: 'dry' | 'apply') =>
    send(async () => {
      await api('/api/admin/reconciliations', { method: 'POST', body: { mode } })
      refresh()
    })
  const running = run?.status === 'running'
  return (
    <div className="grid grid-cols-1 gap-5">
      <PageHead
        title="Comparison"
        actions={
          <>
            <Button onClick={() => start('dry')} busy={busy} disabled={running}>
              Compare only
            </Button>
            <Button look="solid" onClick={() => start('apply')} busy={busy} disabled={running}>
              Compare and repair
            </Button>
          </>
        }
      >
        Every night all uploads, files, tracks and links are compared with the video service. What differs
        stands here, with what was done about it.
      </PageHead>
      <FormError>{error}</FormError>
      {run && <ReconciliationRun run={run} />}
      {run?.status === 'held' && <Held run={run} mayDecide={mayDecide} decide={decide} />}
      <FilterChips
        label="State of differences"
        name="state"
        chosen={state === 'all' ? undefined : state}
        choices={FILTERS}
      />
      {findings.items.length === 0 ? (
        <EmptyState title="No differences">
          {state === 'all' ? 'Nothing has differed yet.' : 'None is in this state.'}
        </EmptyState>
      ) : (
        <FindingsTable findings={findings.items} />
      )}
      <div className="flex flex-wrap items-center justify-between gap-3">
        <PageLinks next={findings.nextCursor} />
        <a
          href="/api/admin/reconciliation-export"
          download
          className="inline-flex min-h-9 items-center rounded-control px-2 font-medium underline max-sm:min-h-11"
        >
          Save all as CSV
        </a>
      </div>
      {run && (
        <SendDialog
          open={decision}
          title={decision === 'go_on' ? 'End and delete all of it' : 'Leave everything as it is'}
          act={decision === 'go_on' ? 'End and delete' : 'Leave it'}
          look={decision === 'go_on' ? 'stop' : 'solid'}
          send={(text) =>
            api(`/api/admin/reconciliations/${run.id}/decide`, {
              method: 'POST',
              body: { decision, reason: text('reason') },
            })
          }
          onClose={() => decide(null)}
          onDone={refresh}
        >
          {(faults) => (
            <>
              <p>
                {decision === 'go_on'
                  ? `${counted(run.held, 'thing')} end or are deleted for good. Each is looked at once more before that.`
                  : 'Nothing is ended or deleted. The next comparison asks again if it finds the same.'}
              </p>
              <ReasonArea error={faults.reason} />
            </>
          )}
        </SendDialog>
      )}
    </div>
  )
}

function Held({
  run,
  mayDecide,
  decide,
}: {
  run: ReconciliationView
  mayDecide: boolean
  decide: (decision: 'go_on' | 'leave') => void
}) {
  return (
    <section
      aria-label="A decision is due"
      className="grid grid-cols-1 gap-3 rounded-card border border-transparent bg-stop-bg p-4"
    >
      <p>
        {counted(run.held, 'thing')} would end or be deleted: unusually much for one night. Look at the list
        below first. A wrong access token for the video service looks just like this.
      </p>
      {mayDecide ? (
        <div className="flex flex-wrap gap-2">
          <Button onClick={() => decide('leave')}>Leave everything as it is</Button>
          <Button look="stop" onClick={() => decide('go_on')}>
            End and delete…
          </Button>
        </div>
      ) : (
        <p className="text-ink-2">Somebody of the groups operations or security decides.</p>
      )}
    </section>
  )
}

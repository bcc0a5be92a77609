'use client'

import { useState } from 'react'
import type { Erasure } from '#portal/modules/privacy/answers.ts'
import { api } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { FormError } from '#portal/ui/field.tsx'
import { EmptyState } from '#portal/ui/list-states.tsx'
import { PageHead } from '#portal/ui/page-head.tsx'
import { useRefresh } from '#portal/ui/use-refresh.ts'
import { useSend } from '#portal/ui/use-send.ts'
import { ApproveErasureDialog } from './approve-erasure-dialog.tsx'
import { AskErasureDialog } from './ask-erasure-dialog.tsx'
import { ErasureCard } from './erasure-card.tsx'

/** Whose erasure was asked for, runs, or was done; with a second person's yes, and the evidence. */
export function ErasureDesk({ erasures, decides }: { erasures: Erasure[]; decides: boolean }) {
  const [asking, setAsking] = useState(false)
  const [agreeing, setAgreeing] = useState<Erasure | null>(null)
  const { error, send } = useSend()
  const refresh = useRefresh(10_000)
  const decline = (id: string) =>
    void send(async () => {
      await api(`/api/admin/privacy/erasures/${id}/decline`, { method: 'POST', body: {} })
      refresh()
    })
  const act = (
    <Button look="solid" onClick={() => setAsking(true)}>
      Ask for an erasure
    </Button>
  )
  return (
    <>
      <PageHead title="Erasures" actions={erasures.length > 0 && act}>
        A second person of security or compliance agrees. What was removed where is kept as evidence.
      </PageHead>
      <FormError>{error}</FormError>
      {erasures.length === 0 && <EmptyState title="Nobody’s erasure was asked for" action={act} />}
      <ul className="grid grid-cols-1 gap-3">
        {erasures.map((erasure) => (
          <li key={erasure.id}>
            <ErasureCard
              erasure={erasure}
              decides={decides}
              onAgree={() => setAgreeing(erasure)}
              onDecline={() => decline(erasure.id)}
            />
          </li>
        ))}
      </ul>
      <AskErasureDialog open={asking} onClose={() => setAsking(false)} onDone={refresh} />
      <ApproveErasureDialog erasure={agreeing} onClose={() => setAgreeing(null)} onDone={refresh} />
    </>
  )
}

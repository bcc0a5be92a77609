'use client'

import { useState } from 'react'
import { type KeyItem, KeyTable } from '#portal/modules/playback/ui/key-table.tsx'
import { RotateDialog } from '#portal/modules/playback/ui/rotate-dialog.tsx'
import { api, sentenceFor } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { FormError } from '#portal/ui/field.tsx'
import { EmptyState } from '#portal/ui/list-states.tsx'
import { PageHead } from '#portal/ui/page-head.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { useRefresh } from '#portal/ui/use-refresh.ts'

/** The keys that sign playback tokens: age, next rotation, history. Nothing secret comes here. */
export function KeysBoard({
  keys,
  rotatesAt,
  days,
}: {
  keys: KeyItem[]
  rotatesAt: string | null
  days: number
}) {
  const [rotating, setRotating] = useState(false)
  const [reviewing, setReviewing] = useState<string | null>(null)
  const [error, setError] = useState<string | null>(null)
  const refresh = useRefresh(20_000)
  async function review(id: string) {
    setReviewing(id)
    setError(null)
    try {
      await api(`/api/admin/signing-keys/${encodeURIComponent(id)}/review`, { method: 'POST', body: {} })
      refresh()
    } catch (thrown) {
      setError(sentenceFor(thrown))
    } finally {
      setReviewing(null)
    }
  }
  return (
    <div className="grid grid-cols-1 gap-5">
      <PageHead
        title="Signing keys"
        actions={
          rotatesAt && (
            <Button look="solid" onClick={() => setRotating(true)}>
              Replace the key…
            </Button>
          )
        }
      >
        {rotatesAt ? (
          <>
            One key signs every playback token. It is replaced every {days} days, next{' '}
            <Instant at={rotatesAt} />.
          </>
        ) : (
          'No key signs yet.'
        )}
      </PageHead>
      <FormError>{error}</FormError>
      {keys.length === 0 ? (
        <EmptyState title="No keys">
          The portal asks the video service for its first key when it starts.
        </EmptyState>
      ) : (
        <div className="overflow-x-auto rounded-card border border-line bg-surface">
          <KeyTable keys={keys} onReview={review} busy={reviewing} />
        </div>
      )}
      <RotateDialog open={rotating} onClose={() => setRotating(false)} onRotated={refresh} />
    </div>
  )
}

'use client'

import { ErrorState } from '#portal/ui/list-states.tsx'

export default function PageError({ reset }: { error: Error; reset: () => void }) {
  return (
    <ErrorState onRetry={reset}>
      The portal could not put this page together just now. Nothing was changed.
    </ErrorState>
  )
}

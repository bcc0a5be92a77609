'use client'

import { useRouter } from 'next/navigation'
import { startTransition } from 'react'
import { ErrorState } from '#portal/ui/list-states.tsx'

export default function PageError({ reset }: { error: Error; reset: () => void }) {
  const router = useRouter()
  function retry() {
    startTransition(() => {
      router.refresh()
      reset()
    })
  }
  return (
    <ErrorState onRetry={retry}>
      The portal could not put this page together just now. Nothing was changed.
    </ErrorState>
  )
}

'use client'

import { lazy, Suspense, useState } from 'react'
import { Button } from '#portal/ui/button.tsx'

// Not needed before somebody asks.
const ViewerRecordDrawer = lazy(() => import('./viewer-record.tsx'))

/** Opens what is recorded about the viewer. */
export function RecordButton({ token }: { token: string }) {
  const [open, setOpen] = useState(false)
  return (
    <>
      <Button small onClick={() => setOpen(true)}>
        What is recorded about you
      </Button>
      {open && (
        <Suspense>
          <ViewerRecordDrawer token={token} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  )
}

'use client'

import { useEffect, useRef, useState } from 'react'
import { sentenceFor } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { askForCopy, type CopyState, lookAtCopy } from './viewer-api.ts'

const LOOK_MS = 2000

/** Takes the video away, where the link allows it: orders the copy, shows how far it is, then saves it. */
export function DownloadButton({ token }: { token: string }) {
  const [state, setState] = useState<CopyState | null>(null)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const wanted = useRef(false)
  const preparing = state?.status === 'preparing'

  async function ask() {
    setBusy(true)
    setError(null)
    wanted.current = true
    try {
      take(await askForCopy(token))
    } catch (thrown) {
      setError(sentenceFor(thrown))
    } finally {
      setBusy(false)
    }
  }

  function take(next: CopyState) {
    setState(next)
    if (!next.url) return
    wanted.current = false
    const link = document.createElement('a')
    link.href = next.url
    link.download = ''
    link.click()
  }

  // biome-ignore lint/correctness/useExhaustiveDependencies: as long as a copy is being prepared
  useEffect(() => {
    if (!preparing) return
    const timer = setInterval(() => {
      lookAtCopy(token).then(
        (next) => (next.status === 'ready' && wanted.current ? void ask() : setState(next)),
        () => {},
      )
    }, LOOK_MS)
    return () => clearInterval(timer)
  }, [preparing, token])

  const says =
    error ??
    (preparing
      ? `Your copy is being prepared, ${state.progress} %`
      : state?.status === 'failed'
        ? 'The copy could not be made. Try again, or ask the person who shared the video.'
        : null)
  return (
    <>
      <Button small busy={busy || preparing} onClick={ask}>
        Download
      </Button>
      {/* Announced when it begins and ends; the percentage is read when asked for. */}
      <span role={preparing ? undefined : 'status'} className="text-sm text-ink-2">
        {says}
      </span>
    </>
  )
}

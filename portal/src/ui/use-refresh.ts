'use client'

import { useRouter } from 'next/navigation'
import { useEffect } from 'react'

/** Has the server render the page's data again every `everyMs` while it is looked at, and when it comes back to view. */
export function useRefresh(everyMs: number): () => void {
  const router = useRouter()
  useEffect(() => {
    const refresh = () => {
      if (document.visibilityState === 'visible') router.refresh()
    }
    const timer = setInterval(refresh, everyMs)
    document.addEventListener('visibilitychange', refresh)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', refresh)
    }
  }, [everyMs, router])
  return () => router.refresh()
}

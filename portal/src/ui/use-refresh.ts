'use client'

import { useRouter } from 'next/navigation'
import { useCallback, useEffect } from 'react'

/**
 * Has the server render the page's data again. Asks first whether it can be reached: where Next can't fetch a page's
 * data it loads the page instead, and on a dead line that is the browser's error page, with every upload under way.
 */
export function useReachableRefresh(): () => void {
  const router = useRouter()
  return useCallback(() => {
    if (!navigator.onLine) return
    fetch('/api/health/live', { cache: 'no-store' }).then(
      (answer) => answer.ok && router.refresh(),
      () => {},
    )
  }, [router])
}

/** Refreshes every `everyMs` while the page is looked at, when it comes back to view, and on demand. */
export function useRefresh(everyMs: number): () => void {
  const refresh = useReachableRefresh()
  useEffect(() => {
    const look = () => {
      if (document.visibilityState === 'visible') refresh()
    }
    const timer = setInterval(look, everyMs)
    document.addEventListener('visibilitychange', look)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', look)
    }
  }, [everyMs, refresh])
  return refresh
}

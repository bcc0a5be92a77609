'use client'

import { useEffect, useState } from 'react'

/** The reader's clock in milliseconds, anew every `everyMs`; null until the page runs in their browser. */
export function useNow(everyMs = 30_000): number | null {
  const [now, setNow] = useState<number | null>(null)
  useEffect(() => {
    setNow(Date.now())
    const timer = setInterval(() => setNow(Date.now()), everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
  return now
}

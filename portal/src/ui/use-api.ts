'use client'

import { useCallback, useEffect, useRef, useState } from 'react'
import { api, sentenceFor } from './api-client.ts'

type Answer<T> = { data: T | undefined; error: string | null; loading: boolean; reload: () => void }

/**
 * GETs `path` (null: nothing to ask), again after `everyMs` while the tab is visible, and at once when it becomes
 * visible. Keeps the last good answer on an error; `initial` is what the server already rendered.
 */
export function useApi<T>(
  path: string | null,
  options: { initial?: T; everyMs?: number | false } = {},
): Answer<T> {
  const { initial, everyMs = false } = options
  const [data, setData] = useState<T | undefined>(initial)
  const [error, setError] = useState<string | null>(null)
  const [loading, setLoading] = useState(initial === undefined && path !== null)
  const [round, setRound] = useState(0)
  const first = useRef(initial !== undefined)

  // biome-ignore lint/correctness/useExhaustiveDependencies: `round` asks again
  useEffect(() => {
    if (path === null) return
    if (first.current) {
      first.current = false
      return
    }
    const abort = new AbortController()
    setLoading(true)
    api<T>(path, { signal: abort.signal })
      .then((answer) => {
        setData(answer)
        setError(null)
      })
      .catch((thrown: unknown) => {
        if (!abort.signal.aborted) setError(sentenceFor(thrown))
      })
      .finally(() => {
        if (!abort.signal.aborted) setLoading(false)
      })
    return () => abort.abort()
  }, [path, round])

  const reload = useCallback(() => setRound((n) => n + 1), [])
  useEffect(() => {
    if (!everyMs) return
    const ask = () => {
      if (document.visibilityState === 'visible') reload()
    }
    const timer = setInterval(ask, everyMs)
    document.addEventListener('visibilitychange', ask)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', ask)
    }
  }, [everyMs, reload])

  return { data, error, loading, reload }
}

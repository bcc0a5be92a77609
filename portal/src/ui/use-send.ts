'use client'

import { useState } from 'react'
import { ApiError, sentenceFor } from './api-client.ts'

/** Runs what a dialog sends, once at a time, and keeps what was wrong: a sentence, and a word for each field. */
export function useSend() {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const [fields, setFields] = useState<Record<string, string>>({})
  function clear() {
    setError(null)
    setFields({})
  }
  function fail(thrown: unknown) {
    setFields(thrown instanceof ApiError ? thrown.fields : {})
    setError(sentenceFor(thrown))
  }
  async function send(work: () => Promise<void>) {
    if (busy) return
    setBusy(true)
    clear()
    try {
      await work()
    } catch (thrown) {
      fail(thrown)
    } finally {
      setBusy(false)
    }
  }
  return { busy, error, fields, send, fail, clear }
}

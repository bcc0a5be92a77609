'use client'

import { useState } from 'react'
import { ApiError, sentenceFor } from './api-client.ts'

/** Runs what a dialog sends, and keeps what was wrong with it: a sentence, and a word for each field. */
export function useSend() {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const [fields, setFields] = useState<Record<string, string>>({})
  async function send(work: () => Promise<void>) {
    setBusy(true)
    setError(null)
    setFields({})
    try {
      await work()
    } catch (thrown) {
      setFields(thrown instanceof ApiError ? thrown.fields : {})
      setError(sentenceFor(thrown))
    } finally {
      setBusy(false)
    }
  }
  return { busy, error, fields, send }
}

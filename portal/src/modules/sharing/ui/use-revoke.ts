import { type FormEvent, useState } from 'react'
import { sentenceFor } from '#portal/ui/api-client.ts'
import type { RevokeReason } from './share-words.ts'

/** What a dialog that takes links back remembers: reason, note, and how it went; null until it is done. */
export function useRevoke<T>(
  revoke: (reason: RevokeReason, note: string) => Promise<T>,
  { onClose, onRevoked }: { onClose: () => void; onRevoked: () => void },
) {
  const [reason, setReason] = useState<RevokeReason | ''>('')
  const [note, setNote] = useState('')
  const [error, setError] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const [done, setDone] = useState<T | null>(null)

  function close() {
    onClose()
    setReason('')
    setNote('')
    setError(null)
    setDone(null)
  }

  async function submit(event: FormEvent) {
    event.preventDefault()
    if (busy) return
    if (!reason) return setError('Choose a reason first: it goes into the log.')
    setBusy(true)
    setError(null)
    try {
      setDone(await revoke(reason, note.trim()))
      onRevoked()
    } catch (thrown) {
      setError(sentenceFor(thrown))
    } finally {
      setBusy(false)
    }
  }

  return { fields: { reason, note, onReason: setReason, onNote: setNote }, error, busy, done, close, submit }
}

import { type FormEvent, useState } from 'react'
import { notYet } from '#portal/ui/api-client.ts'
import { useSend } from '#portal/ui/use-send.ts'
import type { RevokeReason } from './share-words.ts'

/** What a dialog that takes links back remembers: reason, note, and how it went; null until it is done. */
export function useRevoke<T>(
  revoke: (reason: RevokeReason, note: string) => Promise<T>,
  { onClose, onRevoked }: { onClose: () => void; onRevoked: () => void },
) {
  const [reason, setReason] = useState<RevokeReason | ''>('')
  const [note, setNote] = useState('')
  const [done, setDone] = useState<T | null>(null)
  const { busy, error, send, clear } = useSend()

  function close() {
    onClose()
    setReason('')
    setNote('')
    clear()
    setDone(null)
  }

  function submit(event: FormEvent) {
    event.preventDefault()
    void send(async () => {
      if (!reason) throw notYet('Choose a reason first: it goes into the log.')
      setDone(await revoke(reason, note.trim()))
      onRevoked()
    })
  }

  return { fields: { reason, note, onReason: setReason, onNote: setNote }, error, busy, done, close, submit }
}

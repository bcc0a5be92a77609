'use client'

import { Download, ShieldCheck } from 'lucide-react'
import { useState } from 'react'
import { api, sentenceFor } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { Chip } from '#portal/ui/chip.tsx'
import { Dialog, DialogActions } from '#portal/ui/dialog.tsx'
import { saveFile } from '#portal/ui/save-file.ts'
import { numberInWords } from '#portal/ui/words.ts'

type Receipt = { eventId: string; index: number; size: number; text: string }

/**
 * From where a receipt is taken: the log, for its readers; one's own, for those whom an event concerns; or by a viewer,
 * under the path of what is recorded of them.
 */
export type ReceiptSource = 'log' | 'own' | { under: string } | null

function pathOf(from: NonNullable<ReceiptSource>, eventId: string): string {
  const id = encodeURIComponent(eventId)
  if (from === 'log') return `/api/admin/audit/events/${id}/receipt`
  return from === 'own' ? `/api/receipts/${id}` : `${from.under}/receipts/${id}`
}

/** Says whether a signed head covers an event; where the reader may, it opens the receipt. */
export function ProvedMark({
  eventId,
  proved,
  from,
}: {
  eventId: string
  proved: boolean
  from: ReceiptSource
}) {
  const [receipt, setReceipt] = useState<Receipt | null>(null)
  const [error, setError] = useState<string | null>(null)
  const [open, setOpen] = useState(false)
  if (!proved) return <Chip title="Recorded; the next signed head will cover it.">recorded</Chip>
  if (!from) return <Chip tone="proof">proved</Chip>
  const path = pathOf(from, eventId)
  async function show() {
    setOpen(true)
    setError(null)
    try {
      setReceipt(await api<Receipt>(path))
    } catch (thrown) {
      setError(sentenceFor(thrown))
    }
  }
  return (
    <>
      <button
        type="button"
        onClick={show}
        className="relative inline-flex h-6 items-center rounded-chip bg-proof-bg px-2 text-xs font-medium text-proof after:absolute after:inset-x-0 after:-inset-y-2.5 hover:underline"
      >
        proved
      </button>
      <Dialog open={open} onClose={() => setOpen(false)} title="Receipt">
        {error && (
          <p role="alert" className="text-stop">
            {error}
          </p>
        )}
        {!receipt && !error && <p className="text-ink-2">Asking the log for its proof…</p>}
        {receipt && <ReceiptText receipt={receipt} />}
      </Dialog>
    </>
  )
}

function ReceiptText({ receipt }: { receipt: Receipt }) {
  function download() {
    saveFile(`${receipt.eventId}.tlog-proof`, receipt.text, 'text/plain')
  }
  return (
    <>
      <p className="flex gap-2 text-ink-2">
        <ShieldCheck size={18} aria-hidden className="mt-0.5 shrink-0 text-proof" />
        <span>
          Entry {numberInWords(receipt.index)} of {numberInWords(receipt.size)} in the log. The proof below
          can be checked without this portal, against the log’s public key: on{' '}
          <a href="/verify" className="underline">
            this page
          </a>
          , or with the verifier that it offers.
        </span>
      </p>
      <textarea
        readOnly
        rows={10}
        aria-label="Proof"
        value={receipt.text}
        className="mono w-full resize-y rounded-control border border-line bg-sunken p-3"
      />
      <DialogActions>
        <Button onClick={download}>
          <Download size={16} aria-hidden />
          Save the receipt
        </Button>
      </DialogActions>
    </>
  )
}

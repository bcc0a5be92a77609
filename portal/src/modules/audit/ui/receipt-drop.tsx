'use client'

import { FileCheck } from 'lucide-react'
import { type ChangeEvent, type DragEvent, useState } from 'react'
import { classes } from '#portal/ui/classes.ts'

/** Far more than any receipt has. */
const MOST_BYTES = 262_144

/** Takes one receipt, chosen or dropped, and reads it here. */
export function ReceiptDrop({
  onReceipt,
  onProblem,
}: {
  onReceipt: (receipt: { name: string; text: string }) => void
  onProblem: (problem: { name: string; problem: string }) => void
}) {
  const [over, setOver] = useState(false)

  async function take(file: File | undefined) {
    if (!file) return
    const { name } = file
    if (file.size > MOST_BYTES)
      return onProblem({
        name,
        problem: 'This file is too large to be a receipt. Choose a .tlog-proof file.',
      })
    onReceipt({ name, text: await file.text() })
  }

  function choose(event: ChangeEvent<HTMLInputElement>) {
    void take(event.target.files?.[0])
    // The same file may be chosen again.
    event.target.value = ''
  }

  function drop(event: DragEvent) {
    event.preventDefault()
    setOver(false)
    void take(event.dataTransfer.files[0])
  }

  return (
    <label
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
      className={classes(
        'grid cursor-pointer justify-items-center gap-1.5 rounded-panel border border-dashed bg-surface px-5 py-8 text-center',
        'has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-focus',
        over ? 'border-focus' : 'border-line-strong hover:bg-sunken',
      )}
    >
      <input type="file" accept=".tlog-proof,.txt,text/plain" onChange={choose} className="sr-only" />
      <FileCheck size={22} aria-hidden className="text-ink-2" />
      <span className="font-medium">Choose a receipt</span>
      <span className="text-sm text-ink-2">or drop it here: a file that ends in .tlog-proof</span>
    </label>
  )
}

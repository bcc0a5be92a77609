'use client'

import { Download } from 'lucide-react'
import { buttonClass } from '#portal/ui/button.tsx'
import { CopyField } from '#portal/ui/copy-field.tsx'
import { numberInWords } from '#portal/ui/words.ts'
import { type Witness, Witnesses } from './witnesses.tsx'

export type Head = {
  origin: string
  vkey: string
  size: number
  note: string
  witnesses: Witness[]
}

/** The newest signed head, and how anybody checks the log without trusting this page. */
export function LogHead({ head }: { head: Head }) {
  const root = head.note.split('\n')[2] ?? ''
  return (
    <section
      aria-labelledby="head"
      className="grid grid-cols-1 gap-3 rounded-card border border-line bg-surface p-4"
    >
      <div className="flex flex-wrap items-start justify-between gap-3">
        <div className="min-w-0">
          <h2 id="head">{numberInWords(head.size)} entries under a signed head</h2>
          <p className="mono break-all text-ink-2">
            {head.origin} · root {root}
          </p>
        </div>
        <a href="/api/admin/audit/export" download className={buttonClass('plain', true)}>
          <Download size={15} aria-hidden />
          Export the log
        </a>
      </div>
      <Witnesses witnesses={head.witnesses} />
      <details>
        <summary className="min-h-6 text-sm font-medium">Check it yourself</summary>
        <div className="grid grid-cols-1 gap-3 pt-3 text-sm text-ink-2">
          <p>
            <code className="mono text-ink">npm run portal -- audit verify</code> proves the database, and
            with a file name an export, with no connection to anything. The key below is all it needs; keep it
            somewhere else than here.
          </p>
          <CopyField value={head.vkey} label="The log’s public key" />
          <textarea
            readOnly
            rows={6}
            aria-label="Signed head"
            value={head.note}
            className="mono w-full resize-y rounded-control border border-line bg-sunken p-3"
          />
        </div>
      </details>
    </section>
  )
}

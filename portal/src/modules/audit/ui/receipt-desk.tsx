'use client'

import { Download } from 'lucide-react'
import { useState } from 'react'
import { buttonClass } from '#portal/ui/button.tsx'
import { Mark } from '#portal/ui/mark.tsx'
import { type ReceiptReport, verifyReceipt } from '../verifier.mjs'
import { ReceiptDrop } from './receipt-drop.tsx'
import { ReceiptVerdict } from './receipt-verdict.tsx'

type Published = { current: string[]; retired: string[]; witnesses: string[] }
type Outcome = { report: ReceiptReport; name: string } | { problem: string; name: string }

/** Signature type 0x04 in a verifier key: a witness's. */
const isWitness = (vkey: string) => /\+[0-9a-f]{8}\+B[A-P]/.test(vkey)

/** Checks the receipt of one event in this browser, with the same code as the offline verifier; nothing is sent. */
export function ReceiptDesk({ published }: { published: Published }) {
  const [keys, setKeys] = useState([...published.current, ...published.witnesses].join('\n'))
  const [outcome, setOutcome] = useState<Outcome | null>(null)
  const [chosen, setChosen] = useState<{ name: string; text: string } | null>(null)

  async function check(receipt: { name: string; text: string }, keyText: string) {
    setChosen(receipt)
    const lines = keyText.split(/\s+/).filter(Boolean)
    const retired = lines.some((key) => published.current.includes(key)) ? published.retired : []
    try {
      const report = await verifyReceipt(receipt.text, {
        vkeys: lines.filter((key) => !isWitness(key)),
        retired,
        witnesses: lines.filter(isWitness),
        threshold: 0,
      })
      setOutcome({ report, name: receipt.name })
    } catch (error) {
      setOutcome({ problem: error instanceof Error ? error.message : String(error), name: receipt.name })
    }
  }

  function changeKeys(text: string) {
    setKeys(text)
    if (chosen) void check(chosen, text)
  }

  const isOwnKey = published.current.some((key) => keys.includes(key))
  return (
    <main className="mx-auto grid min-h-dvh w-full max-w-[680px] grid-cols-1 content-start gap-6 px-4 py-8 sm:py-14">
      <Mark />
      <div className="grid grid-cols-1 gap-1.5">
        <h1>Check a receipt</h1>
        <p className="text-ink-2">
          A receipt proves that one event stands in the audit log, unchanged. Your browser does the check; the
          file goes nowhere.
        </p>
      </div>
      <ReceiptDrop onReceipt={(receipt) => void check(receipt, keys)} onProblem={setOutcome} />
      <div role="status" className="grid grid-cols-1">
        {outcome && <ReceiptVerdict {...outcome} isOwnKey={isOwnKey} />}
      </div>
      <div className="grid grid-cols-1 gap-1.5">
        <label htmlFor="keys" className="text-sm font-medium">
          Keys to believe
        </label>
        <textarea
          id="keys"
          rows={3}
          spellCheck={false}
          value={keys}
          onChange={(event) => changeKeys(event.target.value)}
          aria-describedby="keys-hint"
          className="mono w-full resize-y rounded-control border border-line-strong bg-surface p-3 break-all"
        />
        <p id="keys-hint" className="text-xs text-ink-2">
          {isOwnKey
            ? 'These came from this portal. For a proof that takes no trust in it, paste the key that you were given elsewhere.'
            : 'Keys of your own: of the log, and of witnesses if you have them, one a line.'}
        </p>
      </div>
      <section aria-labelledby="without" className="grid grid-cols-1 gap-3 border-t border-line pt-5">
        <h2 id="without">Without this page</h2>
        <p className="text-sm text-ink-2">
          The same check is one file that runs with Node alone, with no connection to anything:{' '}
          <code className="mono text-ink">node verifier.mjs receipt FILE --vkey KEY</code>
        </p>
        <div>
          <a href="/api/audit/verifier.mjs" download="verifier.mjs" className={buttonClass('plain', true)}>
            <Download size={15} aria-hidden />
            Save the verifier
          </a>
        </div>
      </section>
    </main>
  )
}

import type { AuditLog } from '../../portal/src/modules/audit/compose-audit.ts'
import { type VerifyReport, verifyExport, verifyReceipt } from '../../portal/src/modules/audit/verifier.mjs'
import { signedOnce } from '../support/audit-log.ts'
import type { Random } from '../support/random.ts'
import { EXPORT_TAMPERINGS } from './export-tamperings.ts'
import type { Target } from './target.ts'

/** An export, whole or in part anything but what was sealed; the auditor kept a checkpoint. */
export function exportTarget(log: AuditLog, whole: string, older: string, oldCheckpoint: string): Target {
  const original = Buffer.from(whole)
  const signer = log.signers[0]!
  return {
    name: 'export',
    kinds: Object.keys(EXPORT_TAMPERINGS),
    async attempt(kind, random) {
      const copy = kind === null ? original : EXPORT_TAMPERINGS[kind]!(whole, random, { signer, older })
      const report: VerifyReport = await verifyExport([copy], { vkeys: [log.vkey], oldCheckpoint })
      return { changed: !copy.equals(original), found: !report.ok }
    },
  }
}

/** What somebody may do to the text of a receipt. */
const RECEIPT_TAMPERINGS: Record<string, (text: string, random: Random) => string> = {
  'a character': (text, random) => {
    const at = random.below(text.length)
    return (
      text.slice(0, at) +
      String.fromCharCode(text.charCodeAt(at) ^ (1 + random.below(31))) +
      text.slice(at + 1)
    )
  },
  'a character deleted': (text, random) => {
    const at = random.below(text.length)
    return text.slice(0, at) + text.slice(at + 1)
  },
  'the end cut off': (text, random) => text.slice(0, random.below(text.length)),
  'another index': (text, random) => text.replace(/\nindex \d+\n/, `\nindex ${random.below(300)}\n`),
  'two hashes of the proof swapped': (text, random) => {
    const lines = text.split('\n')
    const end = lines.indexOf('')
    const a = 3 + random.below(end - 3)
    const b = 3 + random.below(end - 3)
    return lines.with(a, lines[b]!).with(b, lines[a]!).join('\n')
  },
  'a hash of the proof left out': (text, random) => {
    const lines = text.split('\n')
    return lines.toSpliced(3 + random.below(lines.indexOf('') - 3), 1).join('\n')
  },
  'another entry': (text, random) => {
    const [, extra = ''] = /\nextra (\S+)\n/.exec(text) ?? []
    const entry = Buffer.from(extra, 'base64').toString()
    const forged = entry.replace(/"requestId":"[^"]*"/, `"requestId":"req_${random.below(1e9)}"`)
    return text.replace(extra, Buffer.from(forged).toString('base64'))
  },
}

/** Receipts of single events. */
export function receiptTarget(log: AuditLog, taken: readonly string[]): Target {
  const receipts = taken.map(signedOnce)
  return {
    name: 'receipt',
    kinds: Object.keys(RECEIPT_TAMPERINGS),
    async attempt(kind, random) {
      const original = random.pick(receipts)
      const copy = kind === null ? original : RECEIPT_TAMPERINGS[kind]!(original, random)
      const report = await verifyReceipt(copy, { vkeys: [log.vkey] })
      return { changed: copy !== original, found: !report.ok }
    },
  }
}

import type { Metadata } from 'next'
import { getLogKeys } from '#portal/modules/audit/read-log.ts'
import { ReceiptDesk } from '#portal/modules/audit/ui/receipt-desk.tsx'
import { ask } from '../../door.ts'

export const metadata: Metadata = { title: 'Check a receipt' }

export default async function VerifyPage() {
  const { current, retired, witnesses } = await ask(getLogKeys, {})
  return <ReceiptDesk published={{ current, retired, witnesses }} />
}

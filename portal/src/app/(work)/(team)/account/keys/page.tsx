import type { Metadata } from 'next'
import { listApiKeys } from '#portal/modules/access/list-api-keys.ts'
import { KeysDesk } from '#portal/modules/access/ui/keys-desk.tsx'
import { ask } from '../../../../door.ts'

export const metadata: Metadata = { title: 'API keys' }

export default async function KeysPage() {
  return <KeysDesk keys={await ask(listApiKeys, {})} />
}

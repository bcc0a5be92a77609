import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { listErasures } from '#portal/modules/privacy/list-erasures.ts'
import { ErasureDesk } from '#portal/modules/privacy/ui/erasure-desk.tsx'
import { ask, decidesOnLog, mustBeAdmin, seesErasures } from '../../../../../door.ts'

export const metadata: Metadata = { title: 'Erasures' }

export default async function ErasuresPage() {
  const person = await mustBeAdmin()
  if (!seesErasures(person)) notFound()
  const { items } = await ask(listErasures, { limit: 100 })
  return <ErasureDesk erasures={items} decides={decidesOnLog(person)} />
}

import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { readInventory } from '#portal/modules/privacy/read-inventory.ts'
import { InventoryTables } from '#portal/modules/privacy/ui/inventory-tables.tsx'
import { ask, mustBeAdmin, seesErasures } from '../../../../../door.ts'

export const metadata: Metadata = { title: 'Data inventory' }

export default async function InventoryPage() {
  const person = await mustBeAdmin()
  if (!seesErasures(person)) notFound()
  const { items } = await ask(readInventory, {})
  return <InventoryTables tables={items} />
}

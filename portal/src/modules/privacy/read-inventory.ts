import { z } from 'zod'
import { read } from '#portal/platform/operation.ts'
import type { InventoryTable } from './answers.ts'
import { columnsOf, INVENTORY } from './data-inventory.ts'
import { ERASURE_ASKERS } from './erasure-staff.ts'

/** Where data lies, by table: its label, whom it tells of, and what an erasure does with each column. */
export const readInventory = read({
  action: 'privacy.inventory',
  input: z.strictObject({}),
  allow: ERASURE_ASKERS,
  run: async (): Promise<{ items: InventoryTable[] }> => ({
    items: INVENTORY.map((data) => ({
      ...{ table: data.table, label: data.label, of: data.of, holds: data.holds },
      columns: columnsOf(data).filter(({ fate }) => fate !== null),
    })),
  }),
})

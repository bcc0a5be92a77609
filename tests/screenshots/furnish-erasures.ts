import type { PortalClient } from '../support/portal-client.ts'
import type { Stack } from '../support/stack.ts'
import { onDatabase } from '../support/stack-tools.ts'

/** An erasure that waits for the administrator, and one that is done: asked for by a colleague of support. */
export async function furnishErasures(
  stack: Stack,
  admin: PortalClient,
  colleague: PortalClient,
): Promise<void> {
  await onDatabase(stack, (client) =>
    client.query(
      `update members set staff_groups = '{support}' where role = 'admin' and staff_groups = '{}'`,
    ),
  )
  const ask = (person: string, reference: string) =>
    colleague.call<{ id: string }>('POST', '/api/admin/privacy/erasures', {
      ...{ person, reference, reason: 'erasure_request' },
    })
  const { id } = await ask('marketing@northside.example', 'DSR-2026-13')
  await admin.call('POST', `/api/admin/privacy/erasures/${id}/approve`, {})
  await ask('jo@northside.example', 'DSR-2026-14')
}

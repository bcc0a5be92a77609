import type { PortalClient } from './portal-client.ts'
import { until } from './until.ts'

type History = { items: { id: string; action: string; proved: boolean }[] }

/** The receipt of the event that made a share, for its owner; waits until a signed head covers it. */
export async function receiptOfShare(owner: PortalClient, shareId: string): Promise<string> {
  const id = await until('the share’s event under a signed head', async () => {
    const history = await owner.call<History>('GET', `/api/shares/${shareId}/history`)
    return history.items.find(({ action, proved }) => action === 'share.create' && proved)?.id
  })
  return (await owner.call<{ text: string }>('GET', `/api/receipts/${id}`)).text
}

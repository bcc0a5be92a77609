import { askErasure } from '../../portal/src/modules/privacy/ask-erasure.ts'
import type { TestApp } from '../support/test-app.ts'
import { type Example, newAddress, unconditional } from './example.ts'

const request = () => ({ person: newAddress(), reason: 'erasure_request', reference: 'MATRIX-1' })

/** An erasure that somebody else has asked for; nobody is behind it. */
async function insertErasure(t: TestApp, status: 'pending' | 'done'): Promise<string> {
  const asker = t.app.newContext({ kind: 'command', id: 'another' })
  const { id } = await t.app.call(askErasure, request(), asker)
  if (status === 'done')
    await t.app.pool.query(
      `update erasures set status = 'done', person_sealed = null, person_hash = null, decided_by = 'matrix',
        decided_at = $2, finished_at = $2 where id = $1`,
      [id, t.app.clock()],
    )
  return id
}

/** Erasing people, and the inventory of data. */
export const PRIVACY_EXAMPLES: Record<string, Example> = {
  'privacy.inventory': unconditional(),
  'privacy.ask-erasure': unconditional(async () => request()),
  'privacy.approve-erasure': unconditional(async (_objects, t) => ({
    id: await insertErasure(t, 'pending'),
  })),
  'privacy.decline-erasure': unconditional(async (_objects, t) => ({
    id: await insertErasure(t, 'pending'),
  })),
  'privacy.list-erasures': unconditional(),
  'privacy.get-erasure': unconditional(async (_objects, t) => ({ id: await insertErasure(t, 'pending') })),
  'privacy.export-erasure': unconditional(async (_objects, t) => ({ id: await insertErasure(t, 'done') })),
}

import { inArray } from 'drizzle-orm'
import { viewersOf } from '#portal/modules/sharing/person-viewers.ts'
import { type Eraser, told } from '#portal/platform/erasure.ts'
import { viewerProgress } from './tables.ts'

/** How the person watched. Goes before their visits, which lead to it. */
export const viewingEraser: Eraser = {
  step: 'analytics',
  async erase({ tx, keys, person }) {
    const ids = await viewersOf(tx, keys, person)
    if (ids.length === 0) return []
    const { rowCount } = await tx.delete(viewerProgress).where(inArray(viewerProgress.viewerSessionId, ids))
    return told('viewer_progress', 'deleted', rowCount)
  },
}

import { verifyStorage } from '#engine/assets/verify-storage.ts'
import { type Noun, table } from './command.ts'

/** What is younger may be just being made. */
const GRACE_MS = 3_600_000
const MOST_SHOWN = 50

export const storage: Noun = {
  name: 'storage',
  verbs: {
    verify: {
      summary: 'compares stored objects with the database; --repair removes what nothing knows of',
      options: { repair: { type: 'boolean' } },
      async run({ values, open }) {
        const { ctx, stores } = await open()
        const repair = values.repair === true
        const { storage, sources } = await stores()
        const report = await verifyStorage(
          { pool: ctx.pool, storage, sources },
          { graceMs: GRACE_MS, remove: repair },
        )
        const { objects, bytes, orphans, missing } = report
        const shown = [
          ...missing.map(({ assetId, key }) => ['missing', key, assetId]),
          ...orphans.map((orphan) => [repair ? 'removed' : 'orphan', orphan.key, `${orphan.bytes} bytes`]),
        ]
        const lines = [
          `${objects} objects, ${bytes} bytes; ${missing.length} missing, ${orphans.length} orphans`,
          ...(shown.length > 0 ? [table(['WHAT', 'KEY', ''], shown.slice(0, MOST_SHOWN))] : []),
          ...(shown.length > MOST_SHOWN ? [`… and ${shown.length - MOST_SHOWN} more, see --json`] : []),
        ]
        const ok = missing.length === 0 && (repair || orphans.length === 0)
        return { data: { ...report, repaired: repair, ok }, text: lines.join('\n'), ok }
      },
    },
  },
}

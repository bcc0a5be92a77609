import { and, eq } from 'drizzle-orm'
import { shareFacts } from '#portal/modules/sharing/sharing-facts.ts'
import { uploadOwners } from '#portal/modules/uploads/upload-facts.ts'
import { videoOwners } from '#portal/modules/videos/video-facts.ts'
import type { Actor } from '#portal/platform/context.ts'
import type { Db, Tx } from '#portal/platform/db.ts'
import { permits } from '#portal/platform/permission.ts'

const OWNED = { share: shareFacts, video: videoOwners, upload: uploadOwners } as const
type Kind = keyof typeof OWNED

/** Whether a thing, living or not, is the organisation's whose videos this person looks after; guests look after none. */
export async function isOwnThing(db: Db | Tx, me: Actor, kind: Kind, id: string): Promise<boolean> {
  if (me.kind !== 'user' || permits({ role: 'agency' }, me) !== 'allowed') return false
  const owned = OWNED[kind]
  const rows = await db
    .select({ id: owned.id })
    .from(owned)
    .where(and(eq(owned.id, id), eq(owned.organisationId, me.organisationId)))
  return rows.length > 0
}

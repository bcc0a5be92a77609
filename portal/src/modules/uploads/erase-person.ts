import { sql } from 'drizzle-orm'
import { type Eraser, told } from '#portal/platform/erasure.ts'

/** File names that the person gave, and their devices; jobs of videos that go to somebody go with them. */
export const uploadEraser: Eraser = {
  step: 'uploads',
  async erase({ tx, person: { userId }, successorId }) {
    if (userId === null) return []
    const names = await tx.execute(sql`update uploads
      set filename = 'erased' || coalesce(substring(filename from '\\.[A-Za-z0-9]{1,5}$'), ''), writer = null
      where owner_id = ${userId} and (filename !~ '^erased(\\.[A-Za-z0-9]{1,5})?$' or writer is not null)`)
    const moved =
      successorId === null
        ? { rowCount: 0 }
        : await tx.execute(sql`update uploads set owner_id = ${successorId} where owner_id = ${userId}
            and video_id in (select id from videos where status <> 'deleted')`)
    return [
      ...told('uploads.filename', 'replaced', names.rowCount),
      ...told('uploads', 'transferred', moved.rowCount),
    ]
  },
}

import { sql } from 'drizzle-orm'
import { type Eraser, told } from '#portal/platform/erasure.ts'

/** The person's own playbacks of their videos. */
export const playbackEraser: Eraser = {
  step: 'playback',
  async erase({ tx, person }) {
    const { rowCount } = await tx.execute(sql`delete from owner_playbacks where user_id = ${person.userId}`)
    return told('owner_playbacks', 'deleted', rowCount)
  },
}

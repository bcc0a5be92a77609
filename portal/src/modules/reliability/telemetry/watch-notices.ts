import { z } from 'zod'
import type { App } from '#portal/platform/app.ts'
import { isAppError } from '#portal/platform/errors.ts'
import { job } from '#portal/platform/job.ts'

const NOTICE = 'video.notice'
const SHAPE = 'video.notice-shape'

/** Reads what the video service says of itself; an alert while it is not well, and one where its page can't be read. */
export async function watchNotices(app: App): Promise<void> {
  const { video, alerts } = app.ports
  if (!video.readNotice) return
  try {
    const { well, grave, says, incidents } = await video.readNotice()
    await alerts.resolve(SHAPE)
    if (well) return await alerts.resolve(NOTICE)
    await alerts.raise({
      key: NOTICE,
      severity: grave ? 'critical' : 'warning',
      summary: 'The video service says that it is not well.',
      details: { says, incidents },
    })
  } catch (error) {
    // A page that does not answer says nothing; the next look is in five minutes.
    if (!isAppError(error) || error.code !== 'invalid') throw error
    await alerts.raise({ key: SHAPE, severity: 'warning', summary: error.message })
  }
}

export const watchNoticesJob = job({
  name: 'reliability.watch-notices',
  input: z.strictObject({}),
  maxAttempts: 1,
  schedule: '*/5 * * * *',
  run: ({ app }) => watchNotices(app),
})

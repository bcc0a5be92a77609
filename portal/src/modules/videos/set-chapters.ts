import { AppError } from '#portal/platform/errors.ts'
import { verb } from '#portal/platform/operation.ts'
import { setChaptersInput } from './inputs.ts'
import { loadOwnVideo } from './queries.ts'
import { readChapters } from './rules.ts'
import { writeVideo } from './store-video.ts'
import { viewVideo } from './video-view.ts'

/** Names places in a video, in lines such as `1:30 Start block`; an empty text takes them away. */
export const setChapters = verb({
  action: 'video.set-chapters',
  input: setChaptersInput,
  allow: { role: 'agency' },
  async run({ tx, input, actor }) {
    const video = await loadOwnVideo(tx, actor, input.id, 'for update')
    const read = readChapters(input.text, video.durationSeconds)
    if ('wrong' in read) {
      const message = `line ${read.line} ${read.wrong}`
      throw new AppError('invalid', `text: ${message}.`, { errors: [{ path: 'text', message }] })
    }
    await writeVideo(tx, video.id, { chapters: read.chapters })
    // Their titles may name people, as the video's may: the log says how many there are.
    return {
      result: viewVideo({ ...video, chapters: read.chapters }),
      change: { target: { type: 'video', id: video.id }, details: { chapters: read.chapters.length } },
    }
  },
})

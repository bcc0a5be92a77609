import { type Eraser, told } from '#portal/platform/erasure.ts'
import { endOwnPlaybacks } from './end-own-playbacks.ts'

/** The person's own playbacks of their videos; what still plays ends. */
export const playbackEraser: Eraser = {
  step: 'playback',
  async erase(scope) {
    const { userId } = scope.person
    if (userId === null) return []
    return told('owner_playbacks', 'deleted', (await endOwnPlaybacks(scope, userId)).forgotten)
  },
}

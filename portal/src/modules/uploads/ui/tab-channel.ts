import type { QueueState } from './queue-item.ts'
import type { UploadProgress } from './uploader.ts'

/** What tabs of one browser tell each other: how far an upload is, and what a person wishes who looks at another tab. */
export type TabMessage =
  | { uploadId: string; state: QueueState; progress: UploadProgress }
  | { uploadId: string; wish: 'pause' | 'cancel' }

export type TabChannel = {
  tell(message: TabMessage): void
  listen(listener: (message: TabMessage) => void): void
}

/** Over BroadcastChannel, which stays inside one origin of one browser; silent where there is none. */
export function openTabChannel(personId: string): TabChannel {
  const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(`uploads:${personId}`)
  return {
    tell: (message) => channel?.postMessage(message),
    listen: (listener) =>
      channel?.addEventListener('message', ({ data }: MessageEvent<TabMessage>) => listener(data)),
  }
}

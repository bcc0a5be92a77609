import type { OpenUpload, QueueDoors } from '../../portal/src/modules/uploads/ui/queue-item.ts'
import type { TabMessage } from '../../portal/src/modules/uploads/ui/tab-channel.ts'
import { UploadQueue } from '../../portal/src/modules/uploads/ui/upload-queue.ts'
import type { UploadRecord } from '../../portal/src/modules/uploads/ui/upload-records.ts'
import type { Uploader, UploadProgress } from '../../portal/src/modules/uploads/ui/uploader.ts'
import type { WaitingFile } from '../../portal/src/modules/uploads/ui/waiting-files.ts'

type Fake = {
  url: string
  file: Blob
  beforeLast?: (() => Promise<void>) | undefined
  tell: (change: Partial<UploadProgress>) => void
  calls: string[]
}

export const blankProgress: UploadProgress = {
  phase: 'idle',
  sent: 0,
  acknowledged: 0,
  size: 0,
  bytesPerSecond: null,
  secondsLeft: null,
  retryAt: null,
  error: null,
  resumable: false,
}

/** A queue of uploads over a server and a browser that do what a test says, at `clock.ms`. */
export function createQueue(overrides: Partial<QueueDoors> = {}) {
  const kept = new Map<string, UploadRecord>()
  const waiting = new Map<string, WaitingFile>()
  const open: OpenUpload[] = []
  const uploaders: Fake[] = []
  const calls: string[] = []
  let made = 0
  const clock = { ms: 0, alarms: [] as { instant: number; work: () => void }[] }
  const channel: { tell: TabMessage[]; hear: (message: TabMessage) => void } = { tell: [], hear: () => {} }
  const doors: QueueDoors = {
    writer: 'tab',
    atOnce: 1,
    report: async () => true,
    declare: async (id, sha256) => void calls.push(`declare ${id} ${sha256}`),
    inspect: async () => ({ durationSeconds: undefined }),
    hash: () => ({ follow: () => {}, stop: () => {}, digest: async () => 'sum' }),
    whenFree: () => new Promise(() => {}),
    tabs: {
      tell: (message) => void channel.tell.push(message),
      listen: (listener) => {
        channel.hear = listener
      },
    },
    async begin(file) {
      made += 1
      calls.push(`begin ${file.filename}`)
      return { id: `upl_${made}`, videoId: `vid_${made}`, uploadUrl: `/upload/${made}` }
    },
    listOpen: async () => open,
    async reopen(id) {
      calls.push(`reopen ${id}`)
      return { id, videoId: 'vid_9', uploadUrl: `/upload/${id}` }
    },
    cancel: async (id) => void calls.push(`cancel ${id}`),
    records: {
      all: async () => [...kept.values()],
      put: async (record) => void kept.set(record.uploadId, record),
      remove: async (id) => void kept.delete(id),
    },
    waiting: {
      all: async () => [...waiting.values()],
      put: async (file) => void waiting.set(file.id, file),
      remove: async (id) => void waiting.delete(id),
    },
    uploader({ url, file, onProgress, beforeLast }) {
      const fake: Fake = {
        url,
        beforeLast,
        file,
        calls: [],
        tell: (change) => onProgress({ ...blankProgress, size: file.size, ...change }),
      }
      uploaders.push(fake)
      return {
        start: () => fake.calls.push('start'),
        pause: () => fake.tell({ phase: 'paused' }),
        stop: () => fake.tell({ phase: 'stopped' }),
      } as unknown as Uploader
    },
    sentence: (error) => String((error as Error).message),
    isOver: (error) => (error as Error).message === 'over',
    heldBy: () => null,
    now: () => clock.ms,
    at(instant, work) {
      const alarm = { instant, work }
      clock.alarms.push(alarm)
      return () => {
        clock.alarms = clock.alarms.filter((other) => other !== alarm)
      }
    },
    async alone(_id, work) {
      await work()
      return true
    },
    isElsewhere: async () => false,
    ...overrides,
  }
  const queue = new UploadQueue(doors)
  return {
    queue,
    kept,
    waiting,
    open,
    uploaders,
    calls,
    channel,
    /** So many seconds later. */
    later(seconds: number) {
      clock.ms += seconds * 1000
      const due = clock.alarms.filter(({ instant }) => instant <= clock.ms)
      clock.alarms = clock.alarms.filter((alarm) => !due.includes(alarm))
      for (const { work } of due) work()
    },
    states: () => queue.snapshot().map((item) => item.state),
  }
}

export const fileOf = (name: string, text = name) => ({
  file: new File([text], name, { type: 'video/mp4' }),
})

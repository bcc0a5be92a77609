'use client'

import { useEffect, useRef, useSyncExternalStore } from 'react'
import type { QueueItem } from './queue-item.ts'
import { uploadsOf } from './upload-doors.ts'
import type { UploadQueue } from './upload-queue.ts'

const none: QueueItem[] = []

/** The uploads of this tab and person, restored once; `onArrived` is called whenever one reaches the server whole. */
export function useUploads(
  personId: string,
  onArrived: () => void,
): { queue: UploadQueue; items: QueueItem[] } {
  const queue = uploadsOf(personId)
  const items = useSyncExternalStore(queue.subscribe, queue.snapshot, () => none)
  const arrived = useRef(onArrived)
  arrived.current = onArrived

  useEffect(() => {
    // Out of reach now means: asked again at the next visit of the page; nothing is lost.
    queue.restore().catch(() => {})
  }, [queue])

  const done = items
    .filter((item) => item.state === 'done')
    .map((item) => item.key)
    .join()
  useEffect(() => {
    if (!done) return
    arrived.current()
    const timer = setTimeout(() => {
      for (const key of done.split(',')) queue.dismiss(key)
    }, 4000)
    return () => clearTimeout(timer)
  }, [done, queue])

  return { queue, items }
}

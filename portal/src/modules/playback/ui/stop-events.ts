import type { EndReason } from './playback-session.ts'

const reasons: EndReason[] = ['revoked', 'expired', 'video_deleted']
const REOPEN_MS = 5000
const REOPEN_CEILING_MS = 80_000

/**
 * Listens for the server's word that a view must stop. The browser reconnects by itself; where the server closes the
 * stream for good, `onLost` is called so that a renewal can find out why, and the stream is opened again.
 * @returns how to stop listening
 */
export function listenForStop(
  url: string,
  onStop: (reason: EndReason) => void,
  onLost: () => void,
): () => void {
  let source: EventSource | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  let reopenMs = REOPEN_MS
  const open = () => {
    source = new EventSource(url)
    source.addEventListener('stopped', (event) => {
      onStop(reasonIn(event.data))
    })
    source.onopen = () => {
      reopenMs = REOPEN_MS
    }
    source.onerror = () => {
      if (source?.readyState !== EventSource.CLOSED) return
      onLost()
      timer = setTimeout(open, reopenMs)
      reopenMs = Math.min(REOPEN_CEILING_MS, reopenMs * 2)
    }
  }
  open()
  return () => {
    clearTimeout(timer)
    source?.close()
  }
}

/** The reason in an event's data (`{"reason": "revoked"}`); `refused` where it is none we know. */
export function reasonIn(data: unknown): EndReason {
  try {
    const { reason } = JSON.parse(String(data)) as { reason?: EndReason }
    return reason && reasons.includes(reason) ? reason : 'refused'
  } catch {
    return 'refused'
  }
}

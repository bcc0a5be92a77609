import type { EndReason } from './playback-session.ts'

const reasons: EndReason[] = ['revoked', 'expired', 'video_deleted']
const REOPEN_MS = 5000
const REOPEN_CEILING_MS = 80_000
/** Every open page hears of a dead signing key at once; they ask for new tokens spread over this time. */
const RENEW_WITHIN_MS = 3000
const WHY_MS = 3000

/**
 * Listens for the server's word that a view must stop, or must renew now. The browser reconnects by itself; where the
 * server closes the stream for good, `onRenew` is called so that a renewal can find out why, and it is opened again.
 * @returns how to stop listening
 */
export function listenForStop(
  url: string,
  onStop: (reason: EndReason) => void,
  onRenew: () => void,
): () => void {
  let source: EventSource | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  let renewal: ReturnType<typeof setTimeout> | undefined
  let reopenMs = REOPEN_MS
  const open = () => {
    source = new EventSource(url)
    source.addEventListener('stopped', (event) => onStop(reasonIn(event.data)))
    // The video lies at another place now: the next grant says where.
    source.addEventListener('moved', onRenew)
    source.addEventListener('renew', () => {
      clearTimeout(renewal)
      renewal = setTimeout(onRenew, Math.random() * RENEW_WITHIN_MS)
    })
    source.onopen = () => {
      reopenMs = REOPEN_MS
    }
    source.onerror = () => {
      if (source?.readyState !== EventSource.CLOSED) return
      onRenew()
      timer = setTimeout(open, reopenMs)
      reopenMs = Math.min(REOPEN_CEILING_MS, reopenMs * 2)
    }
  }
  open()
  return () => {
    clearTimeout(timer)
    clearTimeout(renewal)
    source?.close()
  }
}

/**
 * Why a view was refused: somebody who has begun to watch is told by the same stream, as soon as it is opened.
 * `refused` where the server does not say within three seconds.
 */
export function askWhyStopped(url: string): Promise<EndReason> {
  return new Promise((resolve) => {
    const source = new EventSource(url)
    const tell = (reason: EndReason) => {
      clearTimeout(timer)
      source.close()
      resolve(reason)
    }
    const timer = setTimeout(() => tell('refused'), WHY_MS)
    source.addEventListener('stopped', (event) => tell(reasonIn(event.data)))
    source.onerror = () => tell('refused')
  })
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

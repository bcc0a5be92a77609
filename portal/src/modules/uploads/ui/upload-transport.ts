export type ChunkRequest = {
  url: string
  /** value of Content-Range: `bytes 0-8388607/125000000`, or `bytes *\/125000000` to ask for the state */
  contentRange: string
  body: Blob | null
  signal: AbortSignal
  /** bytes of this body that have left the machine */
  onProgress?: (bytes: number) => void
}

/** `status` 0: no answer came. `range`: the Range header of a 308, as it stands. */
export type ChunkAnswer = { status: number; range: string | null; retryAfterSeconds: number | null }

export type Transport = (request: ChunkRequest) => Promise<ChunkAnswer>

/**
 * PUTs by XMLHttpRequest, because fetch reports no progress of what it sends. Resolves for every answer and for
 * none; rejects only when the signal aborts.
 */
export const browserTransport: Transport = ({ url, contentRange, body, signal, onProgress }) =>
  new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    const abort = () => request.abort()
    const finish = (status: number) => {
      signal.removeEventListener('abort', abort)
      resolve({
        status,
        range: status ? request.getResponseHeader('range') : null,
        retryAfterSeconds: status ? Number(request.getResponseHeader('retry-after')) || null : null,
      })
    }
    request.open('PUT', url)
    request.setRequestHeader('content-range', contentRange)
    if (body) request.setRequestHeader('content-type', body.type || 'application/octet-stream')
    request.upload.onprogress = (event) => onProgress?.(event.loaded)
    request.onload = () => finish(request.status)
    request.onerror = () => finish(0)
    request.onabort = () => {
      signal.removeEventListener('abort', abort)
      reject(signal.reason)
    }
    signal.addEventListener('abort', abort, { once: true })
    if (signal.aborted) return reject(signal.reason)
    request.send(body)
  })

import type { HlsConfig, LoaderResponse, RetryConfig } from 'hls.js'

const FOREVER = 10_000

/** Refusals are tried again too, since a renewal may be under way; the playback session decides when to stop. */
function worthAnotherTry(code: number | undefined): boolean {
  return !code || code === 403 || code === 408 || code === 429 || code >= 500
}

const retry: RetryConfig = {
  maxNumRetry: FOREVER,
  retryDelayMs: 700,
  maxRetryDelayMs: 4000,
  shouldRetry: (_config, _count, isTimeout, response: LoaderResponse | undefined) =>
    isTimeout || worthAnotherTry(response?.code),
}

const policy = (maxLoadTimeMs: number) => ({
  default: { maxTimeToFirstByteMs: 10_000, maxLoadTimeMs, timeoutRetry: retry, errorRetry: retry },
})

/** hls.js without a worker (the page's policy forbids one) that outlasts dead lines, sleep and renewals. */
export const hlsConfig: Partial<HlsConfig> = {
  enableWorker: false,
  capLevelToPlayerSize: true,
  backBufferLength: 60,
  maxBufferLength: 30,
  startLevel: -1,
  abrEwmaDefaultEstimate: 5_000_000,
  manifestLoadPolicy: policy(20_000),
  playlistLoadPolicy: policy(20_000),
  fragLoadPolicy: policy(120_000),
}

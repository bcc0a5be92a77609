import type { HlsConfig, LoaderResponse, RetryConfig } from 'hls.js'
import type { RenewedUrls } from './renewed-urls.ts'

const FOREVER = 10_000

/** Refusals are tried again too, since a renewal may be under way; the playback session decides when to stop. */
function worthAnotherTry(code: number | undefined): boolean {
  return !code || [401, 403, 404, 408, 410, 429].includes(code) || code >= 500
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

/**
 * hls.js without a worker (the page's policy forbids one) that outlasts dead lines, sleep and renewals, and asks for
 * everything where it lies since the last renewal.
 */
export function hlsConfig(urls: RenewedUrls): Partial<HlsConfig> {
  return {
    enableWorker: false,
    capLevelToPlayerSize: true,
    backBufferLength: 60,
    maxBufferLength: 30,
    startLevel: -1,
    abrEwmaDefaultEstimate: 5_000_000,
    manifestLoadPolicy: policy(20_000),
    playlistLoadPolicy: policy(20_000),
    fragLoadPolicy: policy(120_000),
    async xhrSetup(xhr, url) {
      const target = await urls.target(url)
      if (target !== url) xhr.open('GET', target, true)
    },
  }
}

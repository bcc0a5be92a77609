import { signWebhook } from './signature.ts'

const DEADLINE_MS = 5_000
const KEPT_BODY_BYTES = 1024

export type SendResult = { status: number | null; body: string; error: string | null; delivered: boolean }

/**
 * One attempt at one endpoint, signed afresh. Delivered means 2xx within five seconds; a redirect is a failure.
 * The address comes from the engine's own settings, never from a request.
 */
export async function sendWebhook(
  endpoint: { url: string; secret: string },
  body: string,
  now: Date,
  signal: AbortSignal,
): Promise<SendResult> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)])
  try {
    const response = await fetch(endpoint.url, {
      method: 'POST',
      redirect: 'manual',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'engine-webhooks',
        'mux-signature': signWebhook(endpoint.secret, body, now),
      },
      body,
      signal: deadline,
    })
    return { status: response.status, body: await readStart(response), error: null, delivered: response.ok }
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    return {
      status: null,
      body: '',
      error: cause instanceof Error ? cause.message : String(cause),
      delivered: false,
    }
  }
}

async function readStart(response: Response): Promise<string> {
  const reader = response.body?.getReader()
  if (!reader) return ''
  const { value } = await reader.read()
  await reader.cancel()
  return Buffer.from(value ?? [])
    .subarray(0, KEPT_BODY_BYTES)
    .toString('utf8')
}

/** An answer that was not the one hoped for. */
export class ApiFailure extends Error {
  readonly status: number
  readonly body: string

  constructor(request: string, status: number, body: string) {
    super(`${request} answered ${status}: ${body.slice(0, 400)}`)
    this.name = 'ApiFailure'
    this.status = status
    this.body = body
  }
}

/** A client of a running portal that keeps cookies as a browser would, and sends no browser's headers. */
export type PortalClient = {
  readonly origin: string
  send(method: string, path: string, body?: unknown): Promise<Response>
  /** @throws ApiFailure for anything but 2xx */
  call<T>(method: string, path: string, body?: unknown): Promise<T>
  /** The Cookie header as it stands now. */
  cookies(): string
}

const DEADLINE_MS = 30_000

export function createClient(origin: string): PortalClient {
  const jar = new Map<string, string>()
  const cookies = () => [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
  const send: PortalClient['send'] = async (method, path, body) => {
    const answer = await fetch(`${origin}${path}`, {
      method,
      headers: {
        ...(jar.size ? { cookie: cookies() } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(DEADLINE_MS),
    })
    for (const cookie of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      jar.set(name, value)
    }
    return answer
  }
  return {
    origin,
    send,
    cookies,
    async call<T>(method: string, path: string, body?: unknown) {
      const answer = await send(method, path, body)
      const text = await answer.text()
      if (!answer.ok) throw new ApiFailure(`${method} ${path}`, answer.status, text)
      return (text ? JSON.parse(text) : null) as T
    },
  }
}

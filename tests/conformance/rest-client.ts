import type { Target } from './target.ts'

/** One request with the credentials, outside the SDK; its answer is held against Mux's document like the SDK's. */
export async function call(target: Target, method: string, path: string, body?: string, headers = {}) {
  const { id, secret } = target.credentials
  const response = await target.fetch(`${target.url}${path}`, {
    method,
    headers: { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`, ...headers },
    body,
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, json: text ? JSON.parse(text) : null }
}

import { answerFaults, isRestPath, operationOf } from './openapi.ts'

/** JSON bodies are small; media is left to whoever asked for it. */
const READ = /^(application\/json|$)/

/**
 * `fetch` whose every answer is held against Mux's OpenAPI document: what departs from it is added to `faults`.
 * Given to the SDK, and to every request outside of it.
 */
export function checkedFetch(baseUrl: string, faults: string[]): typeof fetch {
  const origin = new URL(baseUrl).origin
  return async (input, init) => {
    const response = await fetch(input, init)
    const url = new URL(input instanceof Request ? input.url : input)
    const method = (init?.method ?? (input instanceof Request ? input.method : 'GET')).toUpperCase()
    const { pathname } = url
    const documented = operationOf(method, pathname) !== null || isRestPath(pathname)
    if (url.origin !== origin || method === 'OPTIONS' || !documented) return response
    const type = response.headers.get('content-type') ?? ''
    const text = READ.test(type) && method !== 'HEAD' ? await response.clone().text() : null
    faults.push(...answerFaults({ method, pathname, status: response.status, type, text }))
    return response
  }
}

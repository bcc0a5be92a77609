import { exampleOf, type OpenApi } from './signed-in-portal.ts'

export type InjectionTarget = {
  /** "GET /api/videos" */
  name: string
  /** As it goes over the wire, with a star behind each value that is to be tried. */
  request: string
  /** How many stars there are. */
  parameters: number
}

/** A request an operation: each parameter of its path and query, and each name of its body; pure. */
export function injectionTargets(
  origin: string,
  cookie: string,
  document: OpenApi,
): { targets: InjectionTarget[]; without: string[] } {
  const { host } = new URL(origin)
  const targets: InjectionTarget[] = []
  const without: string[] = []
  for (const [path, methods] of Object.entries(document.paths))
    for (const [method, operation] of Object.entries(methods)) {
      const name = `${method.toUpperCase()} ${path}`
      const query = (operation.parameters ?? []).filter((each) => each.in === 'query')
      const schema = operation.requestBody?.content?.['application/json']?.schema
      const search = query.map(
        (each) => `${each.name}=${encodeURIComponent(String(exampleOf(each.schema)))}*`,
      )
      const place = `${path.replace(/\{\w+\}/g, 'a*')}${search.length ? `?${search.join('&')}` : ''}`
      const body = schema ? starred(exampleOf(schema)) : ''
      const parameters = (place + body).split('*').length - 1
      if (parameters === 0) {
        without.push(name)
        continue
      }
      const head = [
        ...[`${method.toUpperCase()} ${place} HTTP/1.1`, `Host: ${host}`, `Cookie: ${cookie}`],
        ...(schema ? ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`] : []),
      ]
      targets.push({ name, request: `${head.join('\r\n')}\r\n\r\n${body}`, parameters })
    }
  return { targets, without }
}

/**
 * JSON with a star in each value, of one name the first: dozens of rules with the same five numbers are read by one piece of
 * code. Without stars sqlmap would leave out whatever is called like a token.
 */
function starred(value: unknown, name = '', seen = new Set<string>()): string {
  if (Array.isArray(value)) return `[${value.map((each) => starred(each, name, seen)).join()}]`
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value)
    // Anything goes: so something must.
    const given = fields.length > 0 ? fields : [['a', 'a'] as const]
    return `{${given.map(([key, each]) => `${JSON.stringify(key)}:${starred(each, key, seen)}`).join()}}`
  }
  const text = JSON.stringify(value)
  if (seen.has(name)) return text
  seen.add(name)
  return text.endsWith('"') ? `${text.slice(0, -1)}*"` : `${text}*`
}

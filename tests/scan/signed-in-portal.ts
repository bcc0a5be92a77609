import { mkdtemp, rm } from 'node:fs/promises'
import { selfSigned, writeCertificate } from '../support/certificate.ts'
import type { PortalClient } from '../support/portal-client.ts'
import { signIn } from '../support/portal-people.ts'
import { startStack } from '../support/stack.ts'

export type SignedIn = {
  /** In TLS, by a certificate that signs itself, or by the proxy's. */
  url: string
  /** For clients that know nothing of its certificate. */
  internalUrl: string
  client: PortalClient
  cookie: string
  folder: string
  /** Every operation of the OpenAPI document. */
  document: OpenApi
  stop(): Promise<void>
}

export type OpenApi = {
  paths: Record<string, Record<string, { parameters?: Parameter[]; requestBody?: { content?: Content } }>>
}
type Parameter = { name: string; in: string; schema?: Schema }
type Content = Record<string, { schema?: Schema }>
export type Schema = {
  type?: string | string[]
  format?: string
  enum?: unknown[]
  const?: unknown
  default?: unknown
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  anyOf?: Schema[]
  oneOf?: Schema[]
  allOf?: Schema[]
}

/**
 * A portal for scanners, over TLS, and an administrator's session: who sees the most. Limits are watched and not
 * enforced, or a scanner would see nothing but 429. `behind` is the address of a proxy that ends TLS in front of it.
 */
export async function startSignedIn({ behind }: { behind?: string } = {}): Promise<SignedIn> {
  const folder = await mkdtemp('/tmp/mm-scan-')
  const env = { RATE_LIMIT_ENFORCED: 'false', STAFF_TOTP: 'offered' }
  const stack = await (behind
    ? startStack({ env: { ...env, PUBLIC_URL: behind, TRUST_PROXY: '1' } })
    : startStack({ tls: await writeCertificate(folder, selfSigned()), env }))
  const stop = async () => {
    await stack.stop()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const client = await signIn(stack.internalUrl, stack.admin)
    const document = await client.call<OpenApi>('GET', '/api/openapi.json')
    return {
      url: stack.url,
      internalUrl: stack.internalUrl,
      client,
      cookie: client.cookies(),
      folder,
      document,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** The least that fits a schema, so that what is tried beside it gets past the first check. */
export function exampleOf(schema: Schema = {}): unknown {
  if (schema.const !== undefined) return schema.const
  if (schema.default !== undefined) return schema.default
  if (schema.enum?.length) return schema.enum[0]
  const [one] = schema.anyOf ?? schema.oneOf ?? []
  if (one) return exampleOf(one)
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map((each) => exampleOf(each)))
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type
  if (type === 'object' || schema.properties)
    return Object.fromEntries(
      Object.entries(schema.properties ?? {}).map(([name, each]) => [name, exampleOf(each)]),
    )
  if (type === 'array') return schema.items ? [exampleOf(schema.items)] : []
  if (type === 'number' || type === 'integer') return 1
  if (type === 'boolean') return true
  if (schema.format === 'date-time') return '2026-01-01T00:00:00.000Z'
  return type === 'null' ? null : 'a'
}

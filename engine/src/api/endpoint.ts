import type { z } from 'zod'
import type { EngineContext } from '#engine/platform/engine-context.ts'
import type { UploadParts } from '#engine/uploads/upload-parts.ts'

export type EndpointRequest<Body> = {
  ctx: EngineContext
  uploads: UploadParts
  /** The part of the path named by `:name`. */
  param(name: string): string
  query: URLSearchParams
  body: Body
  /** Id of the API credential that signed in. */
  credentialId: string
}

/** 204 has no body. */
export type EndpointAnswer = { status: 200 | 201; body: Record<string, unknown> } | { status: 204 }

/** One method of one URL of Mux's API. What `run` throws as ApiError becomes the answer. */
export type Endpoint = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** One URL, or the current and the older one. */
  paths: string[]
  /** An empty body is parsed as {}. */
  body?: z.ZodType
  run(request: EndpointRequest<unknown>): Promise<EndpointAnswer>
}

/** Ties the type of `body` to what `run` gets. */
export function endpoint<Schema extends z.ZodType = z.ZodType<undefined>>(definition: {
  method: Endpoint['method']
  paths: string[]
  body?: Schema
  run(request: EndpointRequest<z.output<Schema>>): Promise<EndpointAnswer>
}): Endpoint {
  return definition as Endpoint
}

export const ok = (data: unknown): EndpointAnswer => ({ status: 200, body: { data } })
export const created = (data: unknown): EndpointAnswer => ({ status: 201, body: { data } })
export const noContent: EndpointAnswer = { status: 204 }

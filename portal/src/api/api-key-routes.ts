import { z } from '@hono/zod-openapi'
import { createApiKey } from '#portal/modules/access/create-api-key.ts'
import { createApiKeyInput } from '#portal/modules/access/inputs.ts'
import { listApiKeys } from '#portal/modules/access/list-api-keys.ts'
import { revokeApiKey } from '#portal/modules/access/revoke-api-key.ts'
import type { OperationRoute } from './operation-route.ts'

const instant = z.iso.datetime()
const idParams = z.object({ id: z.string() })

const apiKeySchema = z
  .object({
    id: z.string(),
    name: z.string(),
    owner: z.string(),
    shown: z.string(),
    scopes: z.array(z.string()),
    status: z.enum(['active', 'expired', 'revoked']),
    createdAt: instant,
    expiresAt: instant,
    lastUsedOn: z.iso.date().nullable(),
    revokedAt: instant.nullable(),
  })
  .openapi('ApiKey')

const newApiKeySchema = z
  .object({
    id: z.string(),
    key: z.string(),
    name: z.string(),
    scopes: z.array(z.string()),
    expiresAt: instant,
  })
  .openapi('NewApiKey')

/** Keys of programs. */
export const apiKeyRoutes: OperationRoute[] = [
  {
    method: 'get',
    path: '/api/account/keys',
    summary: 'Your API keys, without the keys themselves',
    operation: listApiKeys,
    answer: z.array(apiKeySchema),
  },
  {
    method: 'post',
    path: '/api/account/keys',
    summary: 'Make an API key; it is shown this once',
    operation: createApiKey,
    body: createApiKeyInput.omit({ owner: true }),
    answer: newApiKeySchema,
    status: 201,
  },
  {
    method: 'post',
    path: '/api/account/keys/{id}/revoke',
    summary: 'End an API key at once: your own, or as an administrator anybody’s',
    operation: revokeApiKey,
    params: idParams,
    answer: z.object({ id: z.string(), status: z.literal('revoked') }),
  },
]

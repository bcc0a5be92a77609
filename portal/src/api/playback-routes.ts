import { z } from '@hono/zod-openapi'
import { createSigningKey } from '#portal/modules/playback/create-signing-key.ts'
import { rotateSigningKeyInput, signingKeyInput } from '#portal/modules/playback/inputs.ts'
import { listSigningKeys } from '#portal/modules/playback/list-signing-keys.ts'
import { reviewRotation } from '#portal/modules/playback/review-rotation.ts'
import { rotateSigningKey } from '#portal/modules/playback/rotate-signing-key.ts'
import type { OperationRoute } from './operation-route.ts'

const instant = z.iso.datetime()

const signingKeySchema = z
  .object({
    id: z.string(),
    state: z.enum(['signing', 'ending', 'overdue', 'deleted']),
    createdAt: instant,
    retiredAt: instant.nullable(),
    reason: z.enum(['scheduled', 'requested', 'compromised']).nullable(),
    endsAt: instant.nullable(),
    deletedAt: instant.nullable(),
    review: z.enum(['none', 'open', 'done']),
  })
  .openapi('SigningKey')

/** The keys that sign playback tokens; what is secret about them never leaves the server. */
export const playbackRoutes: OperationRoute[] = [
  {
    method: 'get',
    path: '/api/admin/signing-keys',
    summary: 'Signing keys, newest first, and when the next rotation is due',
    operation: listSigningKeys,
    answer: z.object({
      items: z.array(signingKeySchema),
      rotatesAt: instant.nullable(),
      days: z.int(),
      provider: z.enum(['engine', 'mux']),
    }),
  },
  {
    method: 'post',
    path: '/api/admin/signing-keys',
    summary: 'The first signing key, where there is none',
    operation: createSigningKey,
    answer: z.object({ id: z.string(), made: z.boolean() }),
  },
  {
    method: 'post',
    path: '/api/admin/signing-keys/rotate',
    summary: 'Replaces the signing key; after a compromise every old token dies at once',
    operation: rotateSigningKey,
    body: rotateSigningKeyInput,
    answer: z.object({ id: z.string(), retiredId: z.string(), oldTokensDead: z.boolean() }),
  },
  {
    method: 'post',
    path: '/api/admin/signing-keys/{id}/review',
    summary: 'A second person has looked at a rotation after a compromise',
    operation: reviewRotation,
    params: signingKeyInput,
    answer: z.object({ id: z.string() }),
  },
]

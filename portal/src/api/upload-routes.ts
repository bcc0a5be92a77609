import { z } from '@hono/zod-openapi'
import { cancelUpload } from '#portal/modules/uploads/cancel-upload.ts'
import { getUpload } from '#portal/modules/uploads/get-upload.ts'
import {
  declareChecksumInput,
  listUploadsInput,
  reportUploadInput,
  resumeUploadInput,
  startUploadInput,
  uploadIdInput,
} from '#portal/modules/uploads/inputs.ts'
import { listUploads } from '#portal/modules/uploads/list-uploads.ts'
import { declareChecksum, reportUpload } from '#portal/modules/uploads/report-upload.ts'
import { resumeUpload } from '#portal/modules/uploads/resume-upload.ts'
import {
  CHECKSUM_VERDICTS,
  UPLOAD_FAILURES,
  UPLOAD_MOVERS,
  UPLOAD_STATUSES,
} from '#portal/modules/uploads/rules.ts'
import { startUpload } from '#portal/modules/uploads/start-upload.ts'
import { guard } from './abuse-guard.ts'
import type { OperationRoute } from './operation-route.ts'
import { limitTo } from './rate-limit.ts'
import { instant, pageOf } from './schemas.ts'

const state = z.enum(UPLOAD_STATUSES)

const uploadSchema = z
  .object({
    id: z.string(),
    videoId: z.string(),
    filename: z.string(),
    size: z.int(),
    status: z.enum(['waiting', 'uploading', 'processing', 'ready', 'failed', 'cancelled']),
    progress: z.number(),
    receivedBytes: z.int().nullable(),
    error: z.string().nullable(),
    errorCode: z.enum([...UPLOAD_FAILURES, 'timed_out']).nullable(),
    checksum: z.object({
      verdict: z.enum(CHECKSUM_VERDICTS),
      sent: z.string().nullable(),
      received: z.string().nullable(),
    }),
    headSha256: z.string().nullable(),
    writer: z.string().nullable(),
    heardAt: instant.nullable(),
    ownerId: z.string(),
    ownerName: z.string().nullable(),
    createdAt: instant,
    updatedAt: instant,
    completedAt: instant.nullable(),
    history: z.array(
      z.object({
        from: state.nullable(),
        to: state,
        at: instant,
        by: z.enum(UPLOAD_MOVERS),
        who: z.string().nullable(),
        reason: z.string().nullable(),
      }),
    ),
  })
  .openapi('Upload')

const uploadPlaceSchema = z
  .object({
    id: z.string(),
    videoId: z.string(),
    uploadUrl: z.url(),
    status: z.literal('waiting'),
    maxBytes: z.int(),
    filename: z.string().optional(),
    size: z.int().optional(),
  })
  .openapi('UploadPlace')

export const uploadRoutes: OperationRoute[] = [
  {
    method: 'post',
    path: '/api/uploads',
    summary: 'Begin an upload; its bytes go to uploadUrl in Content-Range chunks',
    operation: startUpload,
    body: startUploadInput,
    answer: uploadPlaceSchema,
    status: 201,
    before: [guard('upload', 'upload-begun'), limitTo('upload')],
  },
  {
    method: 'get',
    path: '/api/uploads',
    summary: "The organisation's uploads",
    operation: listUploads,
    query: listUploadsInput,
    answer: pageOf(uploadSchema),
  },
  {
    method: 'get',
    path: '/api/uploads/{id}',
    summary: 'How far an upload is',
    operation: getUpload,
    params: uploadIdInput,
    answer: uploadSchema,
  },
  {
    method: 'post',
    path: '/api/uploads/{id}/resume',
    summary: "The upload's URL once more, for the person who began it",
    operation: resumeUpload,
    params: uploadIdInput,
    body: resumeUploadInput.omit({ id: true }),
    answer: uploadPlaceSchema,
  },
  {
    method: 'post',
    path: '/api/uploads/{id}/progress',
    summary: 'How much is safely stored, told by whoever sends; the answer says whether to go on',
    operation: reportUpload,
    params: uploadIdInput,
    body: reportUploadInput.omit({ id: true }),
    answer: z.object({ id: z.string(), goOn: z.boolean() }),
  },
  {
    method: 'post',
    path: '/api/uploads/{id}/checksum',
    summary: 'The SHA-256 of the whole file, told before its last byte is sent',
    operation: declareChecksum,
    params: uploadIdInput,
    body: declareChecksumInput.omit({ id: true }),
    answer: z.object({ id: z.string(), sha256: z.string() }),
  },
  {
    method: 'post',
    path: '/api/uploads/{id}/cancel',
    summary: 'Cancel an upload that has not arrived completely',
    operation: cancelUpload,
    params: uploadIdInput,
    answer: z.object({ id: z.string(), status: z.literal('cancelled') }),
  },
]

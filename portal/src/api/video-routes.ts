import { z } from '@hono/zod-openapi'
import { cancelUpload } from '#portal/modules/uploads/cancel-upload.ts'
import { getUpload } from '#portal/modules/uploads/get-upload.ts'
import { listUploadsInput, startUploadInput, uploadIdInput } from '#portal/modules/uploads/inputs.ts'
import { listUploads } from '#portal/modules/uploads/list-uploads.ts'
import { resumeUpload } from '#portal/modules/uploads/resume-upload.ts'
import { startUpload } from '#portal/modules/uploads/start-upload.ts'
import { deleteVideo } from '#portal/modules/videos/delete-video.ts'
import { getVideo } from '#portal/modules/videos/get-video.ts'
import {
  listVideosInput,
  renameVideoInput,
  setChaptersInput,
  videoIdInput,
} from '#portal/modules/videos/inputs.ts'
import { listVideos } from '#portal/modules/videos/list-videos.ts'
import { renameVideo } from '#portal/modules/videos/rename-video.ts'
import { setChapters } from '#portal/modules/videos/set-chapters.ts'
import type { OperationRoute } from './operation-route.ts'
import { LIMITS, limitTo } from './rate-limit.ts'
import { pageOf, uploadPlaceSchema, uploadSchema, videoSchema } from './schemas.ts'

export const videoRoutes: OperationRoute[] = [
  {
    method: 'post',
    path: '/api/uploads',
    summary: 'Begin an upload; its bytes go to uploadUrl in Content-Range chunks',
    operation: startUpload,
    body: startUploadInput,
    answer: uploadPlaceSchema,
    status: 201,
    before: [limitTo(LIMITS.upload, 'user')],
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
    answer: uploadPlaceSchema,
  },
  {
    method: 'post',
    path: '/api/uploads/{id}/cancel',
    summary: 'Cancel an upload that has not arrived completely',
    operation: cancelUpload,
    params: uploadIdInput,
    answer: z.object({ id: z.string(), status: z.literal('cancelled') }),
  },
  {
    method: 'get',
    path: '/api/videos',
    summary: "The organisation's videos",
    operation: listVideos,
    query: listVideosInput,
    answer: pageOf(videoSchema),
  },
  {
    method: 'get',
    path: '/api/videos/{id}',
    summary: 'One video',
    operation: getVideo,
    params: videoIdInput,
    answer: videoSchema,
  },
  {
    method: 'put',
    path: '/api/videos/{id}/chapters',
    summary: 'Name places in a video, one a line',
    operation: setChapters,
    params: videoIdInput,
    body: setChaptersInput.omit({ id: true }),
    answer: videoSchema,
  },
  {
    method: 'patch',
    path: '/api/videos/{id}',
    summary: 'Give a video another title',
    operation: renameVideo,
    params: videoIdInput,
    body: renameVideoInput.omit({ id: true }),
    answer: videoSchema,
  },
  {
    method: 'delete',
    path: '/api/videos/{id}',
    summary: 'Delete a video, its links and every byte of it',
    operation: deleteVideo,
    params: videoIdInput,
    answer: z.object({ id: z.string(), status: z.literal('deleted'), endedShares: z.int() }),
  },
]

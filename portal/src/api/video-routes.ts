import { z } from '@hono/zod-openapi'
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
import { pageOf, videoSchema } from './schemas.ts'

export const videoRoutes: OperationRoute[] = [
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

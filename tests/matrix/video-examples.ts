import {
  aboutVideos,
  type Example,
  list,
  OWN,
  OWN_AND_ENDED,
  ofUpload,
  ofVideo,
  unconditional,
} from './example.ts'

/** Uploads and videos. */
export const VIDEO_EXAMPLES: Record<string, Example> = {
  'upload.start': {
    ...unconditional(async () => ({ filename: 'a.mp4', contentType: 'video/mp4', size: 1000 })),
    usersOnly: true,
  },
  'upload.get': ofUpload(OWN_AND_ENDED),
  'upload.history': ofUpload(OWN_AND_ENDED),
  'upload.list': list(OWN_AND_ENDED, (objects) => objects.upload()),
  'upload.resume': { ...ofUpload(OWN_AND_ENDED), usersOnly: true },
  'upload.report': {
    ...ofUpload(OWN_AND_ENDED, { writer: 'matrix', receivedBytes: 1 }),
    usersOnly: true,
  },
  'upload.checksum': { ...ofUpload(OWN_AND_ENDED, { sha256: '0'.repeat(64) }), usersOnly: true },
  'upload.cancel': { ...ofUpload(OWN_AND_ENDED), usersOnly: true },
  'upload.settle': unconditional(async (objects) => ({ uploadId: await objects.upload() })),

  'video.get': ofVideo(OWN),
  'video.history': ofVideo(OWN),
  'video.list': list(OWN, (objects) => objects.video()),
  'video.playback-ids': aboutVideos(OWN, (objects) => objects.video()),
  'video.posters': aboutVideos(OWN, (objects) => objects.video()),
  'video.rename': ofVideo(OWN, { title: 'Another title' }),
  'video.set-chapters': ofVideo(OWN, { text: '0:00 Opening' }),
  'video.delete': ofVideo(OWN),
  'video.play': {
    reach: OWN,
    input: async (objects) => ({ videoId: await objects.video() }),
    usersOnly: true,
  },
}

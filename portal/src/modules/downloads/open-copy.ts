import { type Readable, Transform } from 'node:stream'
import { signToken } from '#portal/modules/playback/sign-token.ts'
import { currentSigningKey } from '#portal/modules/playback/signing-key.ts'
import type { App } from '#portal/platform/app.ts'
import { AppError } from '#portal/platform/errors.ts'
import { newId } from '#portal/platform/ids.ts'
import { isStillAllowed, type TakenDownload } from './take-download.ts'

const TOKEN_SECONDS = 60
const RECHECK_MS = 1000

/** A static rendition's bytes from the video service, by a token of the portal's own that nobody else sees. */
export async function openRendition(app: App, playbackId: string, fileName: string) {
  const key = await currentSigningKey(app)
  const token = await signToken(key, {
    playbackId,
    audience: 'v',
    expiresAt: new Date(app.clock().getTime() + TOKEN_SECONDS * 1000),
    tokenId: newId('key'),
  })
  return await app.ports.video.openFile(playbackId, fileName, token)
}

/** The bytes of a copy whose ticket was spent. */
export async function openCopy(
  app: App,
  { id, playbackId, fileName, objectKey }: TakenDownload,
): Promise<{ bytes: number | null; body: Readable }> {
  if (!objectKey) {
    const { bytes, body } = await openRendition(app, playbackId, fileName)
    return { bytes, body: untilRevoked(app, id, body) }
  }
  const file = await app.ports.storage.open(objectKey)
  if (!file) throw new AppError('gone', 'This copy is deleted. Ask for it again.')
  return { bytes: file.bytes, body: untilRevoked(app, id, await file.stream()) }
}

/** Passes bytes on while the viewer may have them: asked again every second, so that a revoke ends what is under way. */
export function untilRevoked(app: App, downloadId: string, source: Readable): Readable {
  let due = false
  const timer = setInterval(() => {
    due = true
  }, RECHECK_MS)
  const guard = new Transform({
    transform(chunk, _encoding, done) {
      if (!due) return done(null, chunk)
      due = false
      isStillAllowed(app, downloadId).then(
        (allowed) =>
          done(allowed ? null : new Error('the link was taken back while it was being downloaded'), chunk),
        (error: Error) => done(error),
      )
    },
  })
  guard.on('close', () => {
    clearInterval(timer)
    source.destroy()
  })
  source.on('error', (error) => guard.destroy(error))
  return source.pipe(guard)
}

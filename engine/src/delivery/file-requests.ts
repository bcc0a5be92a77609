import type { IncomingMessage, ServerResponse } from 'node:http'
import { isMasterLink, type MasterLink } from '#engine/assets/master-access/master-url.ts'
import type { AnsweringPool } from '#engine/delivery/answering-pool.ts'
import { PlaybackError, refuse } from '#engine/delivery/answers.ts'
import type { Grant } from '#engine/delivery/authorise.ts'
import { readClip } from '#engine/delivery/clip.ts'
import { contentDisposition } from '#engine/delivery/content-disposition.ts'
import { type ObjectSource, sendObject } from '#engine/delivery/send-object.ts'

const FILE = `
  select object_key as key from engine.static_renditions r join engine.assets a on a.id = r.asset_id
  where r.asset_id = $1 and r.name = $2 and r.status = 'ready' and a.deleted_at is null`

const MASTER = `
  select master_key as key from engine.assets where id = $1 and deleted_at is null
    and master_access = 'temporary' and master_status = 'ready' and master_expires_at > $2`

type FileParts = ObjectSource & { pool: AnsweringPool; sessionSecret: string; clock: () => Date }

/**
 * Whole files: static renditions, and masters. Each request asks the database, so what is deleted, revoked or expired
 * is gone at the next one.
 */
export function createFileRequests(parts: FileParts) {
  return {
    /** `/{name}.mp4` and `/audio.m4a`; `?download=name` makes it an attachment. */
    async staticRendition(
      req: IncomingMessage,
      res: ServerResponse,
      { playable, parameters }: Grant,
      file: string,
      query: string,
    ): Promise<void> {
      // The file is whole: a token for a part of the video doesn't open it.
      if (readClip(parameters, playable.durationSeconds)) throw refuse('restricted')
      const download = parameters.download ?? new URLSearchParams(query).get('download')
      const { rows } = await parts.pool.query<{ key: string }>({
        name: 'delivery-static',
        text: FILE,
        values: [playable.assetId, file],
      })
      if (!rows[0]) throw new PlaybackError(404)
      await sendObject(req, res, parts, {
        key: rows[0].key,
        contentType: file.endsWith('.m4a') ? 'audio/m4a' : 'video/mp4',
        isPublic: playable.isPublic,
        ...(download === null ? {} : { disposition: contentDisposition(download, file) }),
      })
    },

    /** The link that an asset's answer shows; its signature stands for a token. */
    async master(req: IncomingMessage, res: ServerResponse, link: MasterLink): Promise<void> {
      const now = parts.clock()
      if (link.expires * 1000 <= now.getTime()) throw refuse('expired')
      const { rows } = await parts.pool.query<{ key: string }>(MASTER, [link.assetId, now])
      if (!rows[0]) throw new PlaybackError(404)
      if (!isMasterLink(parts.sessionSecret, link, rows[0].key)) throw refuse('bad_signature')
      await sendObject(req, res, parts, {
        key: rows[0].key,
        contentType: 'video/mp4',
        isPublic: false,
        disposition: contentDisposition(`${link.assetId}.mp4`, 'master.mp4'),
      })
    },
  }
}

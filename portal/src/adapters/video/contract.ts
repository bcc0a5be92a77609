import { createPrivateKey } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { VideoPort } from './port.ts'

export type VideoContractSubject = {
  port: VideoPort
  /** Puts a whole small video to an upload's URL. */
  put(url: string): Promise<void>
  /** Lets the service do all its work on what has arrived. */
  settle(): Promise<void>
  stop(): Promise<void>
}

const ORIGIN = 'http://localhost:3000'
const UPLOAD = { corsOrigin: ORIGIN, timeoutSeconds: 3600, title: 'Sprint start, lane 4' }

/** What every video service behind the port must do, whichever it is. */
export function videoContract(name: string, start: () => Promise<VideoContractSubject>): void {
  describe(`video port: ${name}`, () => {
    let subject: VideoContractSubject
    let port: VideoPort
    beforeAll(async () => {
      subject = await start()
      port = subject.port
    })
    afterAll(() => subject?.stop())

    const uploaded = async (passthrough: string) => {
      const { id, url } = await port.createUpload({ ...UPLOAD, passthrough })
      await subject.put(url)
      const upload = await port.getUpload(id)
      return { id, url, assetId: upload?.assetId ?? '' }
    }

    it('[SPS-05] takes a video from upload to ready, with the signed policy alone', async () => {
      const { id, url } = await port.createUpload({ ...UPLOAD, passthrough: 'upl_first' })
      expect(URL.canParse(url)).toBe(true)
      expect(await port.getUpload(id)).toMatchObject({ id, status: 'waiting', assetId: null, error: null })
      await subject.put(url)
      const upload = await port.getUpload(id)
      expect(upload).toMatchObject({ status: 'asset_created' })
      expect(await port.getAsset(upload!.assetId!)).toMatchObject({ uploadId: id, passthrough: 'upl_first' })
      await subject.settle()
      const asset = await port.getAsset(upload!.assetId!)
      expect(asset).toMatchObject({ status: 'ready', complete: true, publicPlaybackIds: [], error: null })
      expect(asset!.durationSeconds).toBeGreaterThan(0)
      expect(asset!.aspectRatio).toMatch(/^\d+:\d+$/)
      expect(asset!.playbackId).toMatch(/^[A-Za-z0-9]{20,}$/)
    })

    it('[MUX-06] lists uploads and assets page by page, newest first, and tells which are ours', async () => {
      const made: { id: string; assetId: string }[] = []
      for (const n of [1, 2, 3]) made.push(await uploaded(`upl_listed${n}`))
      const first = await port.listUploads(1, 2)
      const second = await port.listUploads(2, 2)
      const ids = [...first, ...second].map(({ id }) => id)
      expect(ids.slice(0, 3)).toEqual(made.map(({ id }) => id).reverse())
      expect(first[0]).toMatchObject({ passthrough: 'upl_listed3', ours: true, status: 'asset_created' })
      expect(await port.listUploads(1000, 2)).toEqual([])
      const page = await port.listAssets(null, 2)
      expect(page.assets.map(({ id }) => id)).toEqual([made[2]!.assetId, made[1]!.assetId])
      const rest = await port.listAssets(page.next, 100)
      expect(rest.assets[0]!.id).toBe(made[0]!.assetId)
      expect(rest.next).toBeNull()
      expect(page.assets[0]).toMatchObject({ passthrough: 'upl_listed3', ours: true })
      expect(page.assets[0]!.signedPlaybackIds).toHaveLength(1)
      expect(Math.abs(page.assets[0]!.createdAt.getTime() - Date.now())).toBeLessThan(600_000)
    })

    it('cancels an upload that waits, once, and none that has arrived', async () => {
      const waiting = await port.createUpload({ ...UPLOAD, passthrough: 'upl_cancelled' })
      expect(await port.cancelUpload(waiting.id)).toBe(true)
      expect(await port.getUpload(waiting.id)).toMatchObject({ status: 'cancelled' })
      expect(await port.cancelUpload(waiting.id)).toBe(false)
      const arrived = await uploaded('upl_arrived')
      expect(await port.cancelUpload(arrived.id)).toBe(false)
      expect(await port.getUpload(arrived.id)).toMatchObject({ status: 'asset_created' })
    })

    it('replaces a playback ID', async () => {
      const { assetId } = await uploaded('upl_replaced')
      const before = (await port.getAsset(assetId))!.playbackId!
      const made = await port.createPlaybackId(assetId)
      await port.deletePlaybackId(assetId, before)
      expect(await port.getAsset(assetId)).toMatchObject({ playbackId: made, publicPlaybackIds: [] })
      await port.deletePlaybackId(assetId, before)
    })

    it('gives an asset another title, which leaves its mark, and does not mind where it is gone', async () => {
      const { assetId } = await uploaded('upl_titled')
      await port.setTitle(assetId, 'Another title')
      const { assets } = await port.listAssets(null, 100)
      expect(assets.find(({ id }) => id === assetId)).toMatchObject({ ours: true, passthrough: 'upl_titled' })
      await port.deleteAsset(assetId)
      await port.setTitle(assetId, 'Yet another title')
    })

    it('deletes an asset, and does not mind where it is gone', async () => {
      const { assetId } = await uploaded('upl_deleted')
      await port.deleteAsset(assetId)
      expect(await port.getAsset(assetId)).toBeNull()
      await port.deleteAsset(assetId)
    })

    it('knows nothing of unknown IDs', async () => {
      const unknown = 'a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4e5f6'
      expect(await port.getUpload(unknown)).toBeNull()
      expect(await port.getAsset(unknown)).toBeNull()
      expect(await port.cancelUpload(unknown)).toBe(false)
      await port.deleteSigningKey(unknown)
    })

    it('[SPS-01] makes an RSA key of 2048 bits, given this once', async () => {
      const { id, privateKey } = await port.createSigningKey()
      expect(privateKey).toMatch(/^-----BEGIN RSA PRIVATE KEY-----/)
      expect(createPrivateKey(privateKey).asymmetricKeyDetails?.modulusLength).toBe(2048)
      await port.deleteSigningKey(id)
    })

    it('[SPS-02] states its bound on a revoke and ends sessions that it does not know without complaint', async () => {
      expect(port.revocationBoundSeconds).toBe(port.provider === 'engine' ? 0 : 300)
      const { assetId } = await uploaded('upl_revoked')
      const { playbackId } = (await port.getAsset(assetId))!
      await port.revokeSessions(playbackId!, ['c2Vzc2lvbi1jbGFpbS1vZi1hLXZpZXdlcg'])
    })

    it('writes URLs that carry their token as one query parameter', () => {
      for (const url of [
        port.playbackUrl('PID', 'a.b+c'),
        port.posterUrl('PID', 'a.b+c'),
        port.storyboardUrl('PID', 'a.b+c'),
      ]) {
        expect([...new URL(url).searchParams]).toEqual([['token', 'a.b+c']])
        expect(new URL(url).pathname).toMatch(/^\/PID[./]/)
      }
    })
  })
}

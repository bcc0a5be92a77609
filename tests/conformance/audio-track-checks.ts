import assert from 'node:assert/strict'
import { type Check, check, ownCheck, until } from './check.ts'
import { makeFile, masterOf, rejected, waitForTrack, withFiles } from './track-client.ts'
import { makeClip, sharedVideo, uploadVideo, waitForLadder } from './video-client.ts'

export const audioTrackChecks: Check[] = [
  check('neither the picture nor the primary sound can be deleted', async (target) => {
    const { assetId } = await sharedVideo(target)
    const { tracks = [] } = await target.mux.video.assets.retrieve(assetId)
    assert.equal(tracks.length, 2)
    for (const { id } of tracks)
      await assert.rejects(target.mux.video.assets.deleteTrack(assetId, id!), rejected(400))
  }),
  ownCheck('[MUX-01] sound is added beside the primary one, as long as the video', async (target, own) =>
    withFiles(own, async (files) => {
      const { assetId, playbackId } = await sharedVideo(target)
      const sound = await makeFile('short.mp3', ['-f', 'lavfi', '-i', 'sine=frequency=880:duration=2'])
      const made = await target.mux.video.assets.createTrack(assetId, {
        ...{ url: files.add('short.mp3', sound), type: 'audio', language_code: 'de', name: 'Deutsch' },
      })
      const ready = await waitForTrack(target, assetId, made.id!, 'ready')
      assert.equal(ready.primary, false)
      assert.equal(ready.max_channels, 2)
      assert.ok(Math.abs((ready.duration ?? 0) - 6) < 0.1, `duration ${ready.duration}`)
      const master = await masterOf(target, playbackId)
      const line = master
        .split('\n')
        .find((each) => each.includes('TYPE=AUDIO') && each.includes('"Deutsch"'))
      assert.match(line ?? '', /LANGUAGE="de"/)
      const playlist = await (
        await target.fetch(new URL(/URI="([^"]+)"/.exec(line!)![1]!, `${target.url}/`))
      ).text()
      const seconds = [...playlist.matchAll(/#EXTINF:([\d.]+)/g)].reduce(
        (sum, [, each]) => sum + Number(each),
        0,
      )
      assert.ok(Math.abs(seconds - 6) < 0.1, `the playlist has ${seconds} s`)
      await target.mux.video.assets.deleteTrack(assetId, made.id!)
      assert.doesNotMatch(await masterOf(target, playbackId), /"Deutsch"/)
    }),
  ),
  ownCheck('sound that is no sound makes an errored track', async (target, own) =>
    withFiles(own, async (files) => {
      const { assetId } = await sharedVideo(target)
      const { id } = await target.mux.video.assets.createTrack(assetId, {
        ...{
          url: files.add('noise.mp3', 'no sound at all'),
          type: 'audio',
          language_code: 'en',
          name: 'None',
        },
      })
      await waitForTrack(target, assetId, id!, 'errored')
      await target.mux.video.assets.deleteTrack(assetId, id!)
    }),
  ),
  ownCheck('a track survives the death of the process that makes it', async (target, own) =>
    withFiles(own, async (files) => {
      const { assetId } = await uploadVideo(target, await makeClip(2))
      await waitForLadder(target, assetId)
      const sound = await makeFile('long.wav', ['-f', 'lavfi', '-i', 'sine=frequency=880:duration=20'])
      const { id } = await target.mux.video.assets.createTrack(assetId, {
        ...{ url: files.add('long.wav', sound), type: 'audio', language_code: 'de' },
      })
      await own.crash()
      await waitForTrack(target, assetId, id!, 'ready')
      await until('nothing to be left of the first attempt', async () => {
        const paths = (await own.files())
          .map(({ path }) => path)
          .filter((path) => path.includes(`audio-${id}`))
        return new Set(paths.map((path) => path.slice(0, path.lastIndexOf('/')))).size === 1
      })
      await target.mux.video.assets.delete(assetId)
      await until('every byte to be gone', async () =>
        (await own.files()).every(({ path }) => !path.includes(assetId)),
      )
    }),
  ),
]

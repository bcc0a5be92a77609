import assert from 'node:assert/strict'
import { type Check, check, ownCheck, until } from './check.ts'
import { call } from './rest-client.ts'
import { claimsFor, sharedKey, sign } from './token-client.ts'
import {
  eventsOf,
  makeFile,
  masterOf,
  NORMAL,
  rejected,
  SRT,
  textOf,
  waitForTrack,
  withFiles,
} from './track-client.ts'
import { makeClip, sharedVideo, uploadVideo, waitForStatus } from './video-client.ts'

export const textTrackChecks: Check[] = [
  ownCheck('[MUX-01] a SubRip file becomes a text track, in HLS and beside it', async (target, own) =>
    withFiles(own, async (files) => {
      const { assetId, playbackId } = await sharedVideo(target)
      const url = files.add('hello.srt', SRT)
      const made = await target.mux.video.assets.createTrack(assetId, {
        ...{ url, type: 'text', text_type: 'subtitles', language_code: 'en-us' },
        ...{ name: 'English', closed_captions: true, passthrough: 'mine' },
      })
      assert.equal(made.status, 'preparing')
      assert.equal(made.text_source, 'uploaded')
      assert.equal(made.language_code, 'en-US')
      const ready = await waitForTrack(target, assetId, made.id!, 'ready')
      assert.deepEqual(
        { name: ready.name, captions: ready.closed_captions, passthrough: ready.passthrough },
        { name: 'English', captions: true, passthrough: 'mine' },
      )
      const vtt = await textOf(target, playbackId, `${made.id}.vtt`)
      assert.equal(vtt.status, 200)
      assert.equal(await vtt.text(), NORMAL)
      assert.equal(
        await (await textOf(target, playbackId, `${made.id}.txt`)).text(),
        'Hello & welcome\nto the end\n',
      )
      const master = await masterOf(target, playbackId)
      assert.match(master, /#EXT-X-MEDIA:TYPE=SUBTITLES,.*LANGUAGE="en-US"/)
      assert.match(master, /#EXT-X-STREAM-INF:.*SUBTITLES="/)
      await target.mux.video.assets.deleteTrack(assetId, made.id!)
    }),
  ),
  ownCheck('text tracks need a token for video, each time', async (target, own) =>
    withFiles(own, async (files) => {
      const { assetId, playbackId } = await sharedVideo(target)
      const url = files.add('plain.vtt', 'WEBVTT\n\n00:01.000 --> 00:02.000\nhi\n')
      const { id } = await target.mux.video.assets.createTrack(assetId, {
        url,
        type: 'text',
        language_code: 'fr',
      })
      await waitForTrack(target, assetId, id!, 'ready')
      const path = `${target.url}/${playbackId}/text/${id}.vtt`
      assert.equal((await target.fetch(path)).status, 403)
      const thumbnail = await sign(await sharedKey(target), claimsFor(playbackId, { aud: 't' }))
      assert.equal((await target.fetch(`${path}?token=${thumbnail}`)).status, 403)
      assert.equal((await textOf(target, playbackId, `${id}.vtt`)).status, 200)
      await target.mux.video.assets.deleteTrack(assetId, id!)
      assert.equal((await textOf(target, playbackId, `${id}.vtt`)).status, 404)
    }),
  ),
  ownCheck('tracks are told of: created, ready or errored, deleted', async (target, own) =>
    withFiles(own, async (files) => {
      const { assetId, playbackId } = await sharedVideo(target)
      const { assets } = target.mux.video
      const good = await assets.createTrack(assetId, {
        ...{ url: files.add('a.srt', SRT), type: 'text', language_code: 'de', passthrough: 'p' },
      })
      const bad = await assets.createTrack(assetId, {
        ...{ url: files.add('b.srt', '<html>no captions</html>'), type: 'text', language_code: 'it' },
      })
      const missing = await assets.createTrack(assetId, {
        ...{ url: files.missing('c.srt'), type: 'text', language_code: 'es' },
      })
      await waitForTrack(target, assetId, good.id!, 'ready')
      for (const { id } of [bad, missing]) await waitForTrack(target, assetId, id!, 'errored')
      for (const { id } of [good, bad, missing]) await assets.deleteTrack(assetId, id!)
      const types = (id: string) =>
        eventsOf(own, id).map(({ type }) => type.replace('video.asset.track.', ''))
      await until('all events', () => [good, bad, missing].every(({ id }) => types(id!).length === 3))
      assert.deepEqual(types(good.id!).toSorted(), ['created', 'deleted', 'ready'])
      for (const { id } of [bad, missing])
        assert.deepEqual(types(id!).toSorted(), ['created', 'deleted', 'errored'])
      const ready = eventsOf(own, good.id!).find(({ type }) => type.endsWith('ready'))!
      assert.equal(ready.object.type, 'track')
      assert.equal(ready.data.asset_id, assetId)
      assert.equal(ready.data.passthrough, 'p')
      const errored = eventsOf(own, bad.id!).find(({ type }) => type.endsWith('errored'))!
      assert.match((errored.data.error as { messages: string[] }).messages[0]!, /^The file holds no captions/)
      await until('every byte of the tracks to be gone', async () =>
        (await own.files()).every(({ path }) => !path.includes(good.id!)),
      )
      assert.doesNotMatch(await masterOf(target, playbackId), /TYPE=SUBTITLES/)
    }),
  ),
  ownCheck('captions from before Unicode are read by their language', async (target, own) =>
    withFiles(own, async (files) => {
      const { assetId, playbackId } = await sharedVideo(target)
      const head = Buffer.from('1\n00:00:01,000 --> 00:00:02,000\n')
      const latin = Buffer.concat([head, Buffer.from([0x93, 0xc7, 0x61, 0x20, 0xe7, 0x61, 0x94])])
      const cyrillic = Buffer.concat([head, Buffer.from([0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2])])
      for (const [language_code, bytes, text] of [
        ['fr', latin, '“Ça ça”'],
        ['ru', cyrillic, 'Привет'],
      ] as const) {
        const url = files.add(`${language_code}.srt`, bytes)
        const { id, name } = await target.mux.video.assets.createTrack(assetId, {
          url,
          type: 'text',
          language_code,
        })
        assert.equal(name, language_code === 'fr' ? 'French' : 'Russian')
        await waitForTrack(target, assetId, id!, 'ready')
        assert.match(await (await textOf(target, playbackId, `${id}.vtt`)).text(), new RegExp(`\n${text}\n`))
        await target.mux.video.assets.deleteTrack(assetId, id!)
      }
    }),
  ),
  ownCheck('what is no track is refused', async (target, own) =>
    withFiles(own, async (files) => {
      const { assetId } = await sharedVideo(target)
      const right = { url: files.add('x.srt', SRT), type: 'text', language_code: 'en' }
      const path = `/video/v1/assets/${assetId}/tracks`
      const wrong: Record<string, object> = {
        'no url': { ...right, url: undefined },
        'no language': { ...right, language_code: undefined },
        'a wrong language': { ...right, language_code: 'not a language' },
        'a video track': { ...right, type: 'video' },
        'another text type': { ...right, text_type: 'chapters' },
        'a local file': { ...right, url: 'file:///etc/passwd' },
        'a private address': { ...right, url: 'http://10.0.0.1/a.srt' },
        'a metadata service': { ...right, url: 'http://169.254.169.254/latest/' },
        'a long passthrough': { ...right, passthrough: 'x'.repeat(256) },
      }
      for (const [name, body] of Object.entries(wrong))
        assert.equal((await call(target, 'POST', path, JSON.stringify(body))).status, 400, name)
      const unknown = `/video/v1/assets/${'x'.repeat(40)}/tracks`
      assert.equal((await call(target, 'POST', unknown, JSON.stringify(right))).status, 404)
    }),
  ),
  ownCheck('names are unique within a kind; PATCH changes what a track says of itself', async (target, own) =>
    withFiles(own, async (files) => {
      const { assetId } = await sharedVideo(target)
      const { assets } = target.mux.video
      const body = { url: files.add('n.srt', SRT), type: 'text' as const, language_code: 'en', name: 'One' }
      const one = await assets.createTrack(assetId, body)
      await assert.rejects(assets.createTrack(assetId, body), rejected(400))
      const two = await assets.createTrack(assetId, { ...body, name: 'Two' })
      await assert.rejects(assets.updateTrack(assetId, two.id!, { name: 'One' }), rejected(400))
      const changed = await assets.updateTrack(assetId, two.id!, {
        ...{ name: 'Deux', language_code: 'fr-ca', closed_captions: true, passthrough: 'p' },
      })
      assert.deepEqual(
        [changed.name, changed.language_code, changed.closed_captions, changed.passthrough],
        ['Deux', 'fr-CA', true, 'p'],
      )
      assert.equal((await assets.updateTrack(assetId, two.id!, { passthrough: '' })).passthrough, undefined)
      await assert.rejects(assets.updateTrack(assetId, 'x'.repeat(40), { name: 'x' }), rejected(404))
      for (const { id } of [one, two]) await assets.deleteTrack(assetId, id!)
      await assert.rejects(assets.deleteTrack(assetId, one.id!), rejected(404))
    }),
  ),
  ownCheck('tracks asked for with the video are made with it', async (target, own) =>
    withFiles(own, async (files) => {
      const inputs = [
        {},
        {
          url: files.add('de.srt', SRT),
          type: 'text',
          language_code: 'de',
          name: 'Deutsch',
          closed_captions: true,
        },
        { url: files.missing('gone.srt'), type: 'text', language_code: 'it' },
      ]
      const { assetId } = await uploadVideo(target, await makeClip(2), { inputs })
      const before = (await target.mux.video.assets.retrieve(assetId)).tracks?.filter(
        ({ type }) => type === 'text',
      )
      assert.equal(before?.length, 2)
      await waitForStatus(target, assetId, 'ready')
      const settled = await until('both tracks to settle', async () => {
        const { tracks = [] } = await target.mux.video.assets.retrieve(assetId)
        const texts = tracks.filter(({ type }) => type === 'text')
        return texts.every(({ status }) => status !== 'preparing') ? texts : null
      })
      assert.deepEqual(settled.map(({ name, status }) => [name, status]).toSorted(), [
        ['Deutsch', 'ready'],
        ['Italian', 'errored'],
      ])
    }),
  ),
  check('subtitles in the source become text tracks', async (target) => {
    const short = SRT.replace('00:01:00,000', '00:00:04,000')
    const film = await makeFile(
      'film.mkv',
      [
        ...[
          '-f',
          'lavfi',
          '-i',
          'testsrc2=size=320x180:rate=25:duration=4',
          '-i',
          'one.srt',
          '-i',
          'two.srt',
        ],
        ...[
          '-map',
          '0',
          '-map',
          '1',
          '-map',
          '2',
          '-c:v',
          'libx264',
          '-preset',
          'ultrafast',
          '-pix_fmt',
          'yuv420p',
        ],
        ...[
          '-c:s:0',
          'srt',
          '-c:s:1',
          'ass',
          '-metadata:s:s:0',
          'language=ger',
          '-metadata:s:s:0',
          'title=Voll',
        ],
        ...['-metadata:s:s:1', 'language=fre'],
      ],
      { 'one.srt': short, 'two.srt': short.replace('Hello', 'Bonjour') },
    )
    const { assetId, playbackId } = await uploadVideo(target, film)
    await waitForStatus(target, assetId, 'ready')
    const texts = await until('the texts to be ready', async () => {
      const { tracks = [] } = await target.mux.video.assets.retrieve(assetId)
      const found = tracks.filter(({ type, status }) => type === 'text' && status === 'ready')
      return found.length === 2 ? found : null
    })
    assert.deepEqual(
      texts.map(({ name, language_code, text_source }) => [name, language_code, text_source]).toSorted(),
      [
        ['French', 'fr', 'embedded'],
        ['Voll', 'de', 'embedded'],
      ],
    )
    const german = texts.find(({ language_code }) => language_code === 'de')!
    assert.equal(
      await (await textOf(target, playbackId, `${german.id}.vtt`)).text(),
      NORMAL.replace('00:00:06.000', '00:00:04.000'),
    )
    const french = texts.find(({ language_code }) => language_code === 'fr')!
    assert.match(await (await textOf(target, playbackId, `${french.id}.txt`)).text(), /^Bonjour & welcome\n/)
  }),
  ownCheck('captions are generated by the configured program', async (target) => {
    const { assetId, playbackId } = await sharedVideo(target)
    const { tracks = [] } = await target.mux.video.assets.retrieve(assetId)
    const sound = tracks.find(({ type }) => type === 'audio')!
    const made = await target.mux.video.assets.generateSubtitles(assetId, sound.id!, {
      generated_subtitles: [{ language_code: 'auto', name: 'Heard', passthrough: 'p' }],
    })
    assert.equal(made[0]!.text_source, 'generated_vod')
    const ready = await waitForTrack(target, assetId, made[0]!.id!, 'ready')
    assert.equal(ready.language_code, 'de')
    const text = await (await textOf(target, playbackId, `${ready.id}.txt`)).text()
    assert.equal(text, Array.from({ length: 6 }, (_, second) => `second ${second} in auto\n`).join(''))
    const video = tracks.find(({ type }) => type === 'video')!
    const body = { generated_subtitles: [{ language_code: 'en' as const }] }
    await assert.rejects(target.mux.video.assets.generateSubtitles(assetId, video.id!, body), rejected(400))
    await target.mux.video.assets.deleteTrack(assetId, ready.id!)
  }),
]

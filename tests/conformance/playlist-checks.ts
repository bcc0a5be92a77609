import assert from 'node:assert/strict'
import { playlistWarnings } from '../support/playlist-warnings.ts'
import { type Check, check, until } from './check.ts'
import { LADDER_SECONDS, ladderVideo, signedUnder, tagUris, textOf, under, uris } from './ladder-client.ts'
import type { Target } from './target.ts'
import { claimsFor, newSession, sharedKey, sign } from './token-client.ts'
import { makeClip, uploadVideo } from './video-client.ts'

async function publicMaster(target: Target, query = ''): Promise<string> {
  const { publicId } = await ladderVideo(target)
  return textOf(under(target, `/${publicId}.m3u8${query}`))
}

/** The short side of each variant, in the order of the list. */
const rungs = (master: string) =>
  [...master.matchAll(/^#EXT-X-STREAM-INF:.*RESOLUTION=(\d+)x(\d+)/gm)].map(([, width, height]) =>
    Math.min(Number(width), Number(height)),
  )

const CLIP = { asset_start_time: 5, asset_end_time: 7 }

/** Opens a clip: its playlist's path, and where its segments lie. */
async function openClip(target: Target, claims = {}) {
  const { playbackId } = await ladderVideo(target)
  const master = await textOf(
    signedUnder(target, playbackId, '.m3u8', { session: newSession(), ...CLIP, ...claims }),
  )
  const path = uris(master)[0]!
  const playlist = await textOf(under(target, path))
  const folder = path.slice(0, path.lastIndexOf('/') + 1)
  return { playlist, segments: uris(playlist).map((uri) => folder + uri), master }
}

const MALFORMED = [
  ...['max_resolution=1p', 'min_resolution=1080', 'max_resolution=270p&min_resolution=720p'],
  ...['rendition_order=asc', 'default_subtitles_lang=%00', 'asset_start_time=soon', 'asset_end_time=-1'],
  ...['asset_start_time=5&asset_end_time=5', 'asset_start_time=9999', 'program_start_time=1700000000'],
]

export const playlistChecks: Check[] = [
  check(
    'two parsers find nothing against any playlist, and the media holds what they promise',
    async (target) => {
      const { publicId, playbackId } = await ladderVideo(target)
      assert.deepEqual(await playlistWarnings(`${target.url}/${publicId}.m3u8?redundant_streams=true`), [])
      const token = await sign(await sharedKey(target), claimsFor(playbackId, CLIP))
      assert.deepEqual(await playlistWarnings(`${target.url}/${playbackId}.m3u8?token=${token}`), [])
    },
  ),
  check('each variant says what players choose by', async (target) => {
    const master = await publicMaster(target)
    const variants = master.match(/^#EXT-X-STREAM-INF:.*$/gm) ?? []
    assert.ok(variants.length >= 2, 'more than one rung')
    for (const variant of variants) {
      for (const attribute of [
        'BANDWIDTH',
        'AVERAGE-BANDWIDTH',
        'CODECS',
        'RESOLUTION',
        'FRAME-RATE',
        'AUDIO',
      ])
        assert.match(variant, new RegExp(`[:,]${attribute}=`))
    }
  }),
  check('each rung has a playlist of its keyframes, one every two seconds', async (target) => {
    const master = await publicMaster(target)
    const lists = tagUris(master, /^#EXT-X-I-FRAME-STREAM-INF/)
    assert.equal(lists.length, uris(master).length)
    for (const list of lists) {
      const playlist = await textOf(under(target, list))
      assert.match(playlist, /#EXT-X-I-FRAMES-ONLY/)
      assert.equal(playlist.match(/^#EXT-X-BYTERANGE:\d+@\d+$/gm)?.length, LADDER_SECONDS / 2)
    }
  }),
  check('every language of the source is a rendition of the audio group', async (target) => {
    const sounds = (await publicMaster(target)).match(/^#EXT-X-MEDIA:TYPE=AUDIO.*$/gm) ?? []
    assert.deepEqual(
      sounds.map((line) => [/LANGUAGE="(\w+)"/.exec(line)?.[1], /DEFAULT=(\w+)/.exec(line)?.[1]]).sort(),
      [
        ['en', 'YES'],
        ['fr', 'NO'],
      ],
    )
    assert.equal(new Set(sounds.map((line) => /NAME="([^"]+)"/.exec(line)?.[1])).size, 2)
  }),
  check('max_resolution and min_resolution keep rungs out, but never all', async (target) => {
    const all = rungs(await publicMaster(target))
    const low = rungs(await publicMaster(target, '?max_resolution=270p'))
    assert.ok(low.length > 0 && Math.max(...low) === Math.min(...all))
    assert.deepEqual(
      rungs(await publicMaster(target, '?min_resolution=480p')).sort(),
      all.filter((rung) => rung >= 480).sort(),
    )
    assert.ok(rungs(await publicMaster(target, '?min_resolution=2160p')).length > 0)
  }),
  check('rendition_order=desc lists the tallest first', async (target) => {
    const listed = rungs(await publicMaster(target, '?rendition_order=desc'))
    assert.deepEqual(
      listed,
      listed.toSorted((a, b) => b - a),
    )
  }),
  check(
    'redundant_streams lists each rendition a second time, at another address that works',
    async (target) => {
      const once = uris(await publicMaster(target))
      const twice = uris(await publicMaster(target, '?redundant_streams=true'))
      assert.equal(twice.length, 2 * once.length)
      assert.equal(new Set(twice).size, twice.length)
      for (const path of twice) {
        const playlist = await textOf(under(target, path))
        const folder = path.slice(0, path.lastIndexOf('/') + 1)
        assert.equal((await under(target, folder + uris(playlist)[0])).status, 200)
      }
    },
  ),
  ...['roku_trick_play=true', 'exclude_pdt=true', 'default_subtitles_lang=en-AU'].map((query) =>
    check(`a playlist takes the parameter ${query}`, async (target) => {
      await publicMaster(target, `?${query}`)
    }),
  ),
  ...MALFORMED.map((query) =>
    check(`a playlist refuses with 400: ${query}`, async (target) => {
      const { publicId, playbackId } = await ladderVideo(target)
      const answer = await under(target, `/${publicId}.m3u8?${query}`)
      assert.equal(answer.status, 400)
      assert.equal(answer.headers.get('access-control-allow-origin'), '*')
      const claims = Object.fromEntries(new URLSearchParams(query))
      assert.equal((await signedUnder(target, playbackId, '.m3u8', claims)).status, 400)
    }),
  ),
  check('of a signed video the claims count, not the query', async (target) => {
    const { playbackId } = await ladderVideo(target)
    const low = await textOf(signedUnder(target, playbackId, '.m3u8', { max_resolution: '270p' }))
    const token = await sign(await sharedKey(target), claimsFor(playbackId))
    const all = await textOf(under(target, `/${playbackId}.m3u8?token=${token}&max_resolution=270p`))
    assert.ok(rungs(all).length > rungs(low).length)
  }),
  check('a clip lists the segments that hold it and says where it begins', async (target) => {
    const { playlist, segments } = await openClip(target)
    assert.deepEqual(
      segments.map((uri) => uri.split('/').at(-1)),
      ['1.m4s'],
    )
    assert.match(playlist, /#EXT-X-START:TIME-OFFSET=1,PRECISE=YES/)
    assert.equal((await under(target, segments[0]!)).status, 200)
  }),
  check('segments outside of a clip are refused, however their address was found', async (target) => {
    const { segments, master } = await openClip(target)
    const sound = tagUris(master, /TYPE=AUDIO/)[0]!.replace(/\.m3u8$/, '/1.m4s')
    for (const segment of [
      segments[0]!,
      segments[0]!.replace(/\/([^/]+)\/1\.m4s$/, '/redundant/$1/1.m4s'),
      sound,
    ]) {
      assert.equal((await under(target, segment)).status, 200, segment)
      for (const index of [0, 2, 3]) {
        const guess = segment.replace('/1.m4s', `/${index}.m4s`)
        const { status } = await under(target, guess)
        // Sound is cut a little differently: what overlaps the picture belongs to it.
        if (segment !== sound || index !== 2) assert.equal(status, 403, guess)
      }
    }
  }),
  check('a clip of a public video is cut by its query', async (target) => {
    const playlist = await textOf(
      under(target, uris(await publicMaster(target, '?asset_start_time=9&asset_end_time=11'))[0]!),
    )
    assert.deepEqual(
      uris(playlist).map((uri) => uri.split('/').at(-1)),
      ['2.m4s'],
    )
  }),
  check('a segment that is not there is 404, and nobody keeps that answer', async (target) => {
    const [path] = uris(await publicMaster(target))
    const answer = await under(target, path!.replace(/\.m3u8$/, '/99999.m4s'))
    assert.equal(answer.status, 404)
    assert.match(answer.headers.get('cache-control') ?? '', /no-store/)
  }),
  check('every address in a master playlist is open to any origin, and answers HEAD', async (target) => {
    const master = await publicMaster(target)
    for (const path of [...uris(master), ...tagUris(master, /URI=/)]) {
      const head = await under(target, path, { method: 'HEAD' })
      const get = await under(target, path)
      assert.deepEqual([head.status, get.status], [200, 200])
      assert.equal(head.headers.get('access-control-allow-origin'), '*')
      assert.equal(head.headers.get('content-length'), String(Buffer.byteLength(await get.text())))
    }
  }),
  check('what must be encoded plays while it grows, then closes; no segment ever changes', async (target) => {
    const clip = await makeClip(40, '1280x720', ['-c:v', 'mpeg4', '-q:v', '4'])
    const { assetId, playbackId } = await uploadVideo(target, clip)
    const session = { session: newSession() }
    const master = await until('the video to play', async () => {
      const answer = await signedUnder(target, playbackId, '.m3u8', session)
      assert.ok(answer.status === 200 || answer.status === 412, `${answer.status}`)
      return answer.status === 200 ? answer.text() : null
    })
    const path = uris(master)[0]!
    assert.match(path, /\/event\.m3u8$/, 'the first variant grows')
    let before = await textOf(under(target, path))
    assert.match(before, /#EXT-X-PLAYLIST-TYPE:EVENT\n#EXT-X-START:TIME-OFFSET=0,PRECISE=YES\n/)
    assert.doesNotMatch(before, /ENDLIST/)
    let steps = 0
    await until('the playlist to close', async () => {
      const now = await textOf(under(target, path))
      assert.ok(now.startsWith(before), 'lines are only added')
      if (now !== before) steps += 1
      before = now
      return now.includes('#EXT-X-ENDLIST')
    })
    assert.ok(steps >= 2, `it grew ${steps} times`)
    const token = await sign(await sharedKey(target), claimsFor(playbackId, session))
    assert.deepEqual(await playlistWarnings(`${target.url}/${playbackId}.m3u8?token=${token}`), [])
    assert.equal(await textOf(under(target, path)), before, 'it stays for who follows it')
    await target.mux.video.assets.delete(assetId)
  }),
]

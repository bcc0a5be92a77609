import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newId } from '#engine/platform/ids.ts'
import type { IngestRun } from '../../../tests/support/ingest-run.ts'
import { AAC, H264, pictures, tone } from '../../../tests/support/media-clips.ts'
import { createPlayableClip, type PlayableClip } from '../../../tests/support/playable-clip.ts'
import type { PlaybackNode, PlaybackStack } from '../../../tests/support/playback-stack.ts'
import { type Player, startPlayer, type Watched } from '../../../tests/support/player-page.ts'
import type { TestDatabase } from '../../../tests/support/test-postgres.ts'
import { until } from '../../../tests/support/until.ts'

const SECONDS = 46
const RATE = 8
let playable: PlayableClip
let run: IngestRun
let db: TestDatabase
let stack: PlaybackStack
let node: PlaybackNode
let player: Player

beforeAll(async () => {
  playable = await createPlayableClip([
    ...[...pictures('320x180', SECONDS), ...tone(SECONDS), ...H264, '-g', '50', ...AAC],
  ])
  ;({ run, db, stack } = playable)
  node = await stack.node()
  player = await startPlayer()
}, 120_000)
afterAll(async () => {
  await player?.stop()
  await node?.stop()
  await playable?.remove()
})

const url = async (claims = {}) =>
  `${node.origin}/${stack.playbackId}.m3u8?token=${await stack.token(claims)}`
const watch = (what: string, done: (watched: Watched) => boolean) =>
  until(
    what,
    async () => {
      const watched = await player.watched()
      if (watched.fatal.length > 0) throw new Error(`the player gave up: ${watched.fatal}`)
      return done(watched) ? watched : null
    },
    30_000,
    50,
  )

describe('a player in a browser', () => {
  it('begins a growing video at 0, follows it, and ends where it closes', async () => {
    await db.pool.query('alter table engine.renditions add column whole jsonb')
    await db.pool.query('update engine.renditions set whole = segments')
    const grow = (count: number, status = 'growing') =>
      db.pool.query(
        `update engine.renditions set status = $1, segments = (select jsonb_agg(s order by i)
           from jsonb_array_elements(whole) with ordinality as each(s, i) where i <= $2)`,
        [status, count],
      )
    await grow(3)
    node.delivery.forget('*')
    await player.play(await url(), { rate: RATE })
    const begun = await watch('playback to begin', ({ began }) => began !== null)
    expect(begun.began).toBeLessThan(0.5)
    const stalled = await watch(
      'the player to use up what there is',
      ({ times }) => (times.at(-1)?.[0] ?? 0) > 9,
    )
    expect(stalled.ended).toBeNull()
    await grow(6)
    await watch('it to go on', ({ times }) => times.at(-1)![0] > 20)
    await delay(1000)
    expect((await player.watched()).ended).toBeNull()
    await grow(100, 'ready')
    const done = await watch('its end', ({ ended }) => ended !== null)
    expect(Math.abs(done.ended! - SECONDS)).toBeLessThan(0.3)
    expect(Math.abs(done.duration - SECONDS)).toBeLessThan(0.3)
    const times = done.times.map(([media]) => media)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    await db.pool.query('alter table engine.renditions drop column whole')
    node.delivery.forget('*')
  }, 60_000)

  it('shows cues at their time, in a clip too', async () => {
    const id = newId()
    const key = `assets/${stack.assetId}/text-${id}/captions.vtt`
    const vtt = 'WEBVTT\n\n00:00:01.000 --> 00:00:03.000\nearly\n\n00:00:42.500 --> 00:00:44.000\nlate\n\n'
    await run.storage.put(key, Buffer.from(vtt))
    await db.pool.query(
      `insert into engine.tracks (id, asset_id, type, text_type, language_code, object_key, created_at)
       values ($1, $2, 'text', 'subtitles', 'en', $3, $4)`,
      [id, stack.assetId, key, stack.now],
    )
    node.delivery.forget('*')
    await player.play(await url({ default_subtitles_lang: 'en' }), { text: true })
    const { cues } = await watch('the cues', (watched) => watched.cues.length === 2)
    expect(cues.map(({ start, text }) => [Math.round(start * 100) / 100, text])).toEqual([
      [1, 'early'],
      [42.5, 'late'],
    ])
    const clip = { asset_start_time: 41, asset_end_time: 46, default_subtitles_lang: 'en' }
    await player.play(await url(clip), { text: true })
    const cut = await watch('the cue of the clip', (watched) => watched.cues.length === 1)
    // hls.js counts from the first decode time, which reordered pictures put a little before the segment.
    expect(Math.abs(cut.cues[0]!.start - 2.5)).toBeLessThan(0.1)
  }, 60_000)

  it('plays a clip from where it begins to its end, sound and picture from the same instant on', async () => {
    await player.play(await url({ asset_start_time: 41, asset_end_time: 46 }), { rate: RATE })
    const done = await watch('its end', ({ ended }) => ended !== null)
    // The segment that holds the beginning starts at 40 s.
    expect(done.began!).toBeGreaterThan(0.9)
    expect(done.began!).toBeLessThan(1.5)
    expect(Math.abs(done.duration - (SECONDS - 40))).toBeLessThan(0.3)
    expect(done.buffered).toHaveLength(1)
    expect(done.buffered[0]![0]).toBeLessThan(0.1)
  }, 60_000)
})

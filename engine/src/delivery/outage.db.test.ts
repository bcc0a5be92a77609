import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Listening, listenOnFreePort } from '../../../tests/support/listen.ts'
import { AAC, pictures, tone } from '../../../tests/support/media-clips.ts'
import { createPlayableClip, type PlayableClip } from '../../../tests/support/playable-clip.ts'
import type { PlaybackStack } from '../../../tests/support/playback-stack.ts'
import type { TestDatabase } from '../../../tests/support/test-postgres.ts'
import { until } from '../../../tests/support/until.ts'

let playable: PlayableClip
let db: TestDatabase
let stack: PlaybackStack

beforeAll(async () => {
  const inputs = [...pictures('320x180', 5), ...tone(5)]
  playable = await createPlayableClip([...inputs, '-c:v', 'libx264', ...AAC, '-g', '50'], ['first'])
  ;({ db, stack } = playable)
}, 90_000)
afterAll(async () => {
  await playable?.remove()
})

/** A line to the test's Postgres that can be cut, or fall silent. */
async function startLine(config: pg.PoolConfig) {
  const open = new Set<Socket>()
  let state: 'whole' | 'cut' | 'silent' = 'whole'
  const server = createServer((near) => {
    if (state === 'cut') return void near.destroy()
    const far = connect(`${config.host}/.s.PGSQL.${config.port}`)
    for (const socket of [near, far]) {
      open.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => [near, far].forEach((end) => void end.destroy()))
    }
    near.on('data', (bytes) => state !== 'silent' && far.write(bytes))
    far.on('data', (bytes) => state !== 'silent' && near.write(bytes))
  })
  const listening: Listening = await listenOnFreePort(server)
  return {
    pool: new pg.Pool({ ...config, host: '127.0.0.1', port: listening.port }).on('error', () => {}),
    become(next: typeof state) {
      state = next
      if (next !== 'silent') for (const socket of open) socket.destroy()
    },
    stop: listening.stop,
  }
}

describe('[SPS-02] a delivery process that loses the database', () => {
  it.each(['cut', 'silent'] as const)(
    '[ASVS-16.5.2] serves nothing half a second after it was %s, says 503, and goes on when it is back',
    async (how) => {
      const line = await startLine(db.poolConfig)
      const node = await stack.node({ pool: line.pool, deaf: true })
      const master = await fetch(`${node.origin}/${stack.playbackId}.m3u8?token=${await stack.token()}`)
      const rendition = (await master.text()).split('\n').find((text) => text && !text.startsWith('#'))
      const segment = `${node.origin}/${rendition!.replace('.m3u8', '/init.mp4')}`
      const ask = async () => {
        const began = performance.now()
        const answer = await fetch(segment)
        await answer.arrayBuffer()
        return { began, status: answer.status, retryAfter: answer.headers.get('retry-after') }
      }
      expect((await ask()).status).toBe(200)

      line.become(how)
      const away = performance.now()
      // By when each was asked: a machine that stands still meanwhile asks less often, and is served no longer.
      const answers: Awaited<ReturnType<typeof ask>>[] = []
      while (performance.now() - away < 1500 || (answers.at(-1)?.status === 200 && answers.length < 1000)) {
        answers.push(await ask())
        await delay(10)
      }
      const served = answers.filter(({ status }) => status === 200)
      const last = served.at(-1)?.began ?? away
      expect(last - away).toBeLessThan(510)
      const refused = answers.filter(({ began }) => began > last)
      expect(refused.length).toBeGreaterThan(0)
      for (const { status, retryAfter } of refused) expect([status, retryAfter]).toEqual([503, '2'])

      line.become('whole')
      await until('segments are served again', async () => (await ask()).status === 200)
      await node.stop()
      await line.pool.end()
      await line.stop()
    },
  )
})

import { readdirSync, readlinkSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { IngestRun } from '../../../tests/support/ingest-run.ts'
import { AAC, pictures, tone } from '../../../tests/support/media-clips.ts'
import { createPlayableClip, type PlayableClip } from '../../../tests/support/playable-clip.ts'
import type { PlaybackNode, PlaybackStack } from '../../../tests/support/playback-stack.ts'

const ABORTS = 2000
const STALLED = 40
const OBJECT_BYTES = 12_000_000

let playable: PlayableClip
let run: IngestRun
let stack: PlaybackStack

beforeAll(async () => {
  const inputs = [...pictures('1280x720', 4), ...tone(4)]
  const video = [
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-b:v',
    '12M',
    '-minrate',
    '12M',
    '-bufsize',
    '6M',
  ]
  playable = await createPlayableClip([...inputs, ...video, ...AAC, '-g', '50'], ['first'])
  ;({ run, stack } = playable)
  // More than the kernel's buffers take, so that a reader who stands still holds an answer up.
  const { folder } = run.renditions.find(({ kind }) => kind === 'video')!
  await run.storage.put(`${folder}0.m4s`, Buffer.alloc(OBJECT_BYTES, 7))
}, 90_000)
afterAll(async () => {
  await playable?.remove()
})

async function segmentOf(node: PlaybackNode): Promise<string> {
  const master = await fetch(`${node.origin}/${stack.playbackId}.m3u8?token=${await stack.token()}`)
  const rendition = (await master.text()).split('\n').find((text) => text && !text.startsWith('#'))
  return `/${rendition!.replace('.m3u8', '/0.m4s')}`
}

/** Asks and reads the first bytes, then no more. */
function stall(node: PlaybackNode, path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(node.origin).port), '127.0.0.1')
    socket.once('error', reject)
    socket.once('data', () => {
      socket.pause()
      socket.on('error', () => {})
      resolve(socket)
    })
    socket.write(`GET ${path} HTTP/1.1\r\nhost: video.test\r\n\r\n`)
  })
}

const openFiles = () =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).endsWith('.m4s')
    } catch {
      return false
    }
  }).length

describe('readers who stand still', () => {
  it.each([
    ['share one copy in memory', undefined],
    ['hold a file each and a bounded piece of it', 1],
  ])('%s', async (_, segmentCacheBytes) => {
    const node = await stack.node({ segmentCacheBytes })
    const path = await segmentOf(node)
    const before = process.memoryUsage().rss
    const sockets = await Promise.all(Array.from({ length: STALLED }, () => stall(node, path)))
    // Forty copies would be 480 MB.
    expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000)
    for (const socket of sockets) socket.destroy()
    await vi.waitFor(() => expect(openFiles()).toBe(0), 30_000)
    await node.stop()
  })

  it.each([
    ['from memory', undefined],
    ['from storage', 1],
  ])('are ended when they take nothing for a while, %s', async (_, segmentCacheBytes) => {
    const node = await stack.node({ segmentCacheBytes, answerLimits: { stallMs: 3000, answers: 1 } })
    const path = await segmentOf(node)
    const still = await stall(node, path)
    const ask = async () => (await fetch(node.origin + path, { method: 'HEAD' })).status
    expect(await ask()).toBe(503)
    // There is room for one: who is answered now took the place of the one that stands still.
    await vi.waitFor(async () => expect(await ask()).toBe(200), { timeout: 30_000, interval: 50 })
    let got = 0
    still.on('data', (bytes: Buffer) => {
      got += bytes.length
    })
    await new Promise((resolve) => still.once('close', resolve).resume())
    expect(got).toBeLessThan(OBJECT_BYTES)
    await vi.waitFor(() => expect(openFiles()).toBe(0), 30_000)
    await node.stop()
  })

  it('[ASVS-15.2.2] are refused with 503 beyond a number, and others are answered again when they leave', async () => {
    const limits = { answers: 6, streams: 3 }
    const node = await stack.node({ segmentCacheBytes: 1, answerLimits: limits })
    const path = await segmentOf(node)
    const sockets = await Promise.all(Array.from({ length: limits.streams }, () => stall(node, path)))
    const refused = await fetch(node.origin + path)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '2'])
    for (const socket of sockets) socket.destroy()
    await vi.waitFor(async () => {
      const answer = await fetch(node.origin + path)
      await answer.arrayBuffer()
      expect(answer.status).toBe(200)
    }, 30_000)
    await node.stop()
  })

  it('leave no file open, however often they go away', async () => {
    const node = await stack.node({ segmentCacheBytes: 1 })
    const path = await segmentOf(node)
    for (let n = 0; n < ABORTS; n += 20) {
      const sockets = await Promise.all(Array.from({ length: 20 }, () => stall(node, path)))
      for (const socket of sockets) socket.destroy()
    }
    await vi.waitFor(() => expect(openFiles()).toBe(0), 30_000)
    await node.stop()
  })
})

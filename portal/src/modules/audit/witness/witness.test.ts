import { generateKeyPairSync } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  startWitnessProcess,
  type WitnessProcess,
  witnessKey,
} from '../../../../../tests/support/witness-process.ts'
import { signCheckpoint } from '../checkpoint.ts'
import { noteText, openCosignature, parseWitnessKey } from '../cosignature.ts'
import { consistencyPath, EMPTY_ROOT, hashLeaf, proofOf, rootAt } from '../merkle.ts'
import { createNoteSigner } from '../note.ts'
import { appendLeaves, nodesFromTiles, tileKey } from '../tiles.ts'

const ORIGIN = 'portal.example/audit'
const signer = createNoteSigner(ORIGIN, generateKeyPairSync('ed25519').privateKey)
const stranger = createNoteSigner(ORIGIN, generateKeyPairSync('ed25519').privateKey)

/** A log of entries `prefix 0`, `prefix 1`, … from `forkAt` on. */
function logOf(size: number, forkAt = Number.POSITIVE_INFINITY) {
  const leaves = Array.from({ length: size }, (_, n) => hashLeaf(n >= forkAt ? `other ${n}` : `entry ${n}`))
  const tiles = new Map(appendLeaves(new Map(), 0, leaves).map(({ id, bytes }) => [tileKey(id), bytes]))
  return nodesFromTiles(tiles)
}
const headOf = (size: number, forkAt?: number, by = signer) =>
  signCheckpoint({ origin: ORIGIN, size, root: rootAt(size, logOf(size, forkAt)) }, [by])
const proofLines = (from: number, to: number, forkAt?: number) =>
  from === 0 || from > to
    ? ''
    : proofOf(consistencyPath(from, to), logOf(to, forkAt))
        .map((hash) => `${hash.toString('base64')}\n`)
        .join('')
const request = (from: number, to: number, forkAt?: number) =>
  `old ${from}\n${proofLines(from, to, forkAt)}\n${headOf(to, forkAt)}`

let witness: WitnessProcess
beforeEach(async () => {
  witness = await startWitnessProcess({ logs: [signer.vkey] })
})
afterEach(() => witness.stop())

async function send(body: string | Uint8Array, to = witness) {
  const answer = await fetch(`${to.url}/add-checkpoint`, { method: 'POST', body: body as BodyInit })
  return { status: answer.status, text: await answer.text(), type: answer.headers.get('content-type') }
}
const isCosigned = (text: string, size: number, forkAt?: number) =>
  openCosignature(text, noteText(headOf(size, forkAt)), parseWitnessKey(witness.vkey))

describe('the witness', { timeout: 60_000 }, () => {
  test('[ALV-02] cosigns a log that grows, whatever the sizes, with its time', async () => {
    const before = Math.floor(Date.now() / 1000)
    let size = 0
    for (const next of [0, 1, 2, 3, 7, 8, 64, 65, 255, 256, 257, 700]) {
      const { status, text } = await send(request(size, next))
      expect([next, status]).toEqual([next, 200])
      const seconds = isCosigned(text, next)!.time.getTime() / 1000
      expect(seconds).toBeGreaterThanOrEqual(before)
      expect(seconds).toBeLessThanOrEqual(Math.ceil(Date.now() / 1000))
      size = next
    }
  })

  test('[ALV-02] says again of the same head that it is the newest', async () => {
    await send(request(0, 5))
    const { status, text } = await send(request(5, 5))
    expect([status, isCosigned(text, 5) !== null]).toEqual([200, true])
  })

  test('[ALV-02] another old size than its own is answered with its own', async () => {
    await send(request(0, 5))
    for (const [from, to] of [
      [0, 9],
      [4, 9],
      [6, 9],
      [3, 4],
    ] as const)
      expect(await send(request(from, to))).toEqual({ status: 409, text: '5\n', type: 'text/x.tlog.size' })
  })

  test('[ALV-02] a fork is refused, kept as evidence, and told of', async () => {
    await send(request(0, 5))
    expect((await send(request(5, 9, 3))).status).toBe(422)
    expect(await send(request(5, 5, 3))).toEqual({ status: 409, text: '5\n', type: 'text/x.tlog.size' })
    const evidence = (await readdir(witness.folder)).filter((file) => file.startsWith('evidence-'))
    expect(evidence).toHaveLength(2)
    const texts = await Promise.all(evidence.map((file) => readFile(join(witness.folder, file), 'utf8')))
    expect(texts.join('')).toContain(headOf(5))
    expect(texts.join('')).toContain(headOf(5, 3))
    expect(witness.said()).toContain('REFUSED another head over 5 entries')
    expect((await send(request(5, 9))).status).toBe(200)
  })

  test.each([
    ['no request', 'hello', 400],
    ['nothing', '', 400],
    ['an old size with a leading zero', () => request(0, 5).replace('old 0', 'old 00'), 400],
    ['an old size above the new one', () => request(6, 5), 400],
    ['a proof line that is no hash', () => `old 0\nAAAA\n\n${headOf(5)}`, 400],
    ['64 proof lines', () => `old 0\n${`${EMPTY_ROOT.toString('base64')}\n`.repeat(64)}\n${headOf(5)}`, 400],
    ['a proof where none belongs', () => `old 0\n${EMPTY_ROOT.toString('base64')}\n\n${headOf(5)}`, 422],
    ['bytes that are no text', new Uint8Array([0xff, 0xfe, 0x0a, 0x0a]), 400],
    ['another log', () => request(0, 5).replaceAll(ORIGIN, 'other.example/log'), 404],
    ['a key that it does not know', () => `old 0\n\n${headOf(5, undefined, stranger)}`, 403],
    [
      'an empty tree with a root of something',
      () => `old 0\n\n${signCheckpoint({ origin: ORIGIN, size: 0, root: hashLeaf('x') }, [signer])}`,
      422,
    ],
    ['a signature over other text', () => request(0, 5).replace(`${ORIGIN}\n5\n`, `${ORIGIN}\n6\n`), 403],
    ['more than 64 KiB', 'x'.repeat(70_000), 413],
  ])('[ALV-02] refuses %s', async (_name, body, status) => {
    const answer = await send(typeof body === 'function' ? body() : body)
    expect(answer.status).toBe(status)
    expect((await send(request(0, 5))).status).toBe(200)
  })

  test('[ALV-02] changed proofs are refused, each single bit of them', async () => {
    await send(request(0, 6))
    const hashes = proofLines(6, 11)
      .trim()
      .split('\n')
      .map((line) => Buffer.from(line, 'base64'))
    for (const [at] of hashes.entries()) {
      const changed = hashes.map((hash) => Buffer.from(hash))
      changed[at]![at % 32]! ^= 1
      const lines = changed.map((hash) => `${hash.toString('base64')}\n`).join('')
      expect((await send(`old 6\n${lines}\n${headOf(11)}`)).status).toBe(422)
    }
    const short = hashes
      .slice(1)
      .map((hash) => `${hash.toString('base64')}\n`)
      .join('')
    expect((await send(`old 6\n${short}\n${headOf(11)}`)).status).toBe(422)
    expect((await send(request(6, 11))).status).toBe(200)
  })

  test('[ALV-02] never forgets what it signed, killed at any moment', async () => {
    let signed = 0
    for (let round = 0; round < 6; round++) {
      const begun = Promise.withResolvers<void>()
      const sending = (async () => {
        for (;;) {
          const answer = await send(request(signed, signed + 3)).catch(() => null)
          if (answer === null) return
          expect(isCosigned(answer.text, signed + 3)).not.toBeNull()
          signed += 3
          begun.resolve()
        }
      })()
      await begun.promise
      // Somewhere in the midst of the next requests.
      await new Promise((resolve) => setTimeout(resolve, round * 3))
      await witness.kill()
      await sending
      witness = await startWitnessProcess({ logs: [signer.vkey], folder: witness.folder })
      const its = Number((await send(request(signed + 1000, signed + 1000))).text)
      expect(its).toBeGreaterThanOrEqual(signed)
      signed = its
    }
    expect(signed).toBeGreaterThan(0)
  })

  test('[ALV-02] of many requests at once each one that is signed continues the one before', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => send(request(0, n + 1))))
    const winners = answers.flatMap(({ status }, n) => (status === 200 ? [n + 1] : []))
    expect(winners).toHaveLength(1)
    for (const { status } of answers) expect([200, 409]).toContain(status)
    expect((await send(request(winners[0]!, 30))).status).toBe(200)
  })

  test('[ALV-02] does not begin anew where its memory is damaged, nor beside another process', async () => {
    await expect(startWitnessProcess({ logs: [signer.vkey], folder: witness.folder })).rejects.toThrow(
      'uses this folder',
    )
    await send(request(0, 5))
    await witness.kill()
    const [file] = (await readdir(witness.folder)).filter((name) => name.startsWith('log-'))
    const kept = await readFile(join(witness.folder, file!), 'utf8')
    await writeFile(join(witness.folder, file!), kept.slice(0, 40))
    await expect(startWitnessProcess({ logs: [signer.vkey], folder: witness.folder })).rejects.toThrow(
      'is damaged',
    )
  })

  test('[ALV-02] signs nothing while its clock is behind what it signed before', async () => {
    await send(request(0, 5))
    await witness.kill()
    const [file] = (await readdir(witness.folder)).filter((name) => name.startsWith('log-'))
    const path = join(witness.folder, file!)
    const kept = JSON.parse(await readFile(path, 'utf8'))
    await writeFile(path, JSON.stringify({ ...kept, time: kept.time + 3600 }))
    witness = await startWitnessProcess({ logs: [signer.vkey], folder: witness.folder })
    expect((await send(request(5, 6))).status).toBe(503)
    expect(witness.said()).toContain('--clock-was-wrong')
  })

  test('[ALV-02] keeps its key and name, and tells its state to whoever asks', async () => {
    await send(request(0, 5))
    expect(await witnessKey(witness.folder, 'witness.example/w1')).toBe(witness.vkey)
    const state = await (await fetch(witness.url)).json()
    expect(state).toEqual({ vkey: witness.vkey, logs: [{ origin: ORIGIN, size: 5, checkpoint: headOf(5) }] })
    await witness.kill()
    await expect(
      startWitnessProcess({ logs: [signer.vkey], folder: witness.folder, name: 'other' }),
    ).rejects.toThrow('belongs to the witness witness.example/w1')
  })

  test('[ALV-02] takes a new key of the log beside the old one', async () => {
    await send(request(0, 5))
    await witness.kill()
    witness = await startWitnessProcess({ logs: [signer.vkey, stranger.vkey], folder: witness.folder })
    expect((await send(`old 5\n${proofLines(5, 9)}\n${headOf(9, undefined, stranger)}`)).status).toBe(200)
  })
})

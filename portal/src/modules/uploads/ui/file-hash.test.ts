import { createHash, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { FileHash } from './file-hash.ts'

const MiB = 1024 * 1024
const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

test.each([0, 1, 512 * 1024, 4 * MiB, 9 * MiB + 17])('the sum of %i bytes is SHA-256', async (size) => {
  const bytes = randomBytes(size)
  expect(await new FileHash(new Blob([bytes])).digest()).toBe(sha(bytes))
})

test('keeps pace with what is sent, and goes to the end once it is asked for', async () => {
  const bytes = randomBytes(80 * MiB)
  const file = new Blob([bytes])
  const read: number[] = []
  const slice = file.slice.bind(file)
  file.slice = (from = 0, to) => {
    read.push(from)
    return slice(from, to)
  }
  const hash = new FileHash(file)
  await expect.poll(() => read.at(-1), { timeout: 60_000 }).toBe(60 * MiB)
  hash.follow(4 * MiB)
  await expect.poll(() => read.at(-1), { timeout: 60_000 }).toBe(64 * MiB)
  expect(await hash.digest()).toBe(sha(bytes))
}, 120_000)

test('says so where the file cannot be read any more, and ends when it is told to', async () => {
  const gone = Object.assign(new Blob([randomBytes(10)]), {
    slice: () => ({ arrayBuffer: () => Promise.reject(new DOMException('gone', 'NotReadableError')) }),
  }) as unknown as Blob
  await expect(new FileHash(gone).digest()).rejects.toMatchObject({ name: 'NotReadableError' })
  const stopped = new FileHash(new Blob([randomBytes(70 * MiB)]))
  stopped.stop()
  await expect(stopped.digest()).rejects.toMatchObject({ name: 'AbortError' })
})

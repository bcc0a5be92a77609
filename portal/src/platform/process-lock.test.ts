import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { takeFile, withProcessLock } from './process-lock.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp('/tmp/mm-lock-')
})
afterEach(() => rm(folder, { recursive: true }))

it('lets one in after the other, also where the work fails', async () => {
  let inside = 0
  const work = async () => {
    inside += 1
    expect(inside).toBe(1)
    await new Promise((resolve) => setImmediate(resolve))
    inside -= 1
    throw new Error('failed')
  }
  const all = await Promise.allSettled([1, 2, 3].map(() => withProcessLock(folder, 10_000, work)))
  expect(all.map((one) => one.status === 'rejected' && one.reason.message)).toEqual([
    'failed',
    'failed',
    'failed',
  ])
})

it('is another lock for another folder', async () => {
  const other = await mkdtemp('/tmp/mm-lock-')
  const both = withProcessLock(folder, 1000, () => withProcessLock(other, 1000, async () => 'both'))
  expect(await both).toBe('both')
  await rm(other, { recursive: true })
})

it('says so when the holder outlasts the wait', async () => {
  await withProcessLock(folder, 1000, async () => {
    await expect(withProcessLock(folder, 50, async () => {})).rejects.toThrow(/for too long/)
  })
})

it('goes with a holder that is killed', async () => {
  const script = `
    import { withProcessLock } from ${JSON.stringify(join(import.meta.dirname, 'process-lock.ts'))}
    await withProcessLock(${JSON.stringify(folder)}, 1000, () => new Promise(() => {
      setInterval(() => {}, 1000)
      console.log('held')
    }))`
  const holder = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(holder.stdout, 'data')
  await expect(withProcessLock(folder, 50, async () => {})).rejects.toThrow(/for too long/)
  holder.kill('SIGKILL')
  expect(await withProcessLock(folder, 10_000, async () => 'free')).toBe('free')
})

it('as a file: is taken once, given back, and taken over from the dead', async () => {
  const first = await takeFile(folder)
  expect(await takeFile(folder)).toBe(null)
  await first?.()
  expect(await readdir(folder)).toEqual([])
  const dead = spawn(process.execPath, ['-e', ''])
  await once(dead, 'exit')
  await writeFile(join(folder, '.lock'), `${dead.pid}`)
  expect(await takeFile(folder)).toBe(null)
  expect(await takeFile(folder)).not.toBe(null)
})

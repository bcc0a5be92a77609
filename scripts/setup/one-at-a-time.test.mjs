import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { isAlive, oneAtATime } from './one-at-a-time.mjs'

let folder
beforeAll(() => {
  folder = mkdtempSync('/tmp/mm-lock-')
})
afterAll(() => rmSync(folder, { recursive: true }))

it('lets one in after the other, and leaves nothing', async () => {
  const file = join(folder, 'deep/a.lock')
  let inside = 0
  let most = 0
  const work = async () => {
    most = Math.max(most, ++inside)
    await new Promise((resolve) => setImmediate(resolve))
    inside -= 1
  }
  await Promise.all([oneAtATime(file, work), oneAtATime(file, work), oneAtATime(file, work)])
  expect(most).toBe(1)
  expect(existsSync(file)).toBe(false)
})

it('takes over from a holder that is dead', async () => {
  const child = spawn(process.execPath, ['-e', ''])
  await once(child, 'exit')
  const file = join(folder, 'b.lock')
  writeFileSync(file, `${child.pid} 1`)
  expect(await oneAtATime(file, async () => 'in')).toBe('in')
})

it.runIf(process.platform === 'linux')(
  'tells a holder from a stranger with its number, and from its zombie',
  async () => {
    expect(isAlive(process.pid)).toBe(true)
    expect(isAlive(process.pid, '1')).toBe(false)
    // A shell that has replaced itself by a program that reaps nobody keeps its dead child as a zombie; the child
    // dies only then, for the shell itself might still reap it.
    const child = "sh -c 'until grep -q sleep /proc/$PPID/comm; do sleep 0.01; done'"
    const parent = spawn('sh', ['-c', `${child} & echo $!; exec sleep 60`])
    const [pid] = await once(parent.stdout, 'data')
    await expect.poll(() => isAlive(Number(pid)), { timeout: 20_000 }).toBe(false)
    expect(existsSync(`/proc/${Number(pid)}`)).toBe(true)
    parent.kill('SIGKILL')
  },
)

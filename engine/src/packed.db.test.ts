import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import Mux from '@mux/mux-node'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase } from '../../tests/support/database.ts'
import { freePort } from '../../tests/support/stack.ts'
import type { TestDatabase } from '../../tests/support/test-postgres.ts'
import { until } from '../../tests/support/until.ts'

const ENGINE = join(import.meta.dirname, '..')
const MODULES = join(ENGINE, '../node_modules')
let database: TestDatabase
let folder: string
let child: ChildProcess | undefined

beforeAll(async () => {
  database = await createTestDatabase('engine')
  folder = await mkdtemp(join(tmpdir(), 'engine-packed-'))
})
afterAll(async () => {
  if (child && child.exitCode === null) {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  await rm(folder, { recursive: true, force: true })
  await database.close()
})

/** What `npm i ./engine.tgz` leaves in an empty folder; its dependencies are those that are installed here. */
async function install(): Promise<string> {
  const run = promisify(execFile)
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: ENGINE })
  const packed = join(folder, 'node_modules/@mm/engine')
  await mkdir(packed, { recursive: true })
  const [{ filename }] = JSON.parse(stdout)
  await run('tar', ['xzf', join(folder, filename), '-C', packed, '--strip-components', '1'])
  for (const name of await readdir(MODULES)) {
    if (name !== '@mm') await symlink(join(MODULES, name), join(folder, 'node_modules', name))
  }
  return packed
}

it('[ASVS-15.2.3] starts from a packed tarball outside of this repository, with what init wrote', {
  timeout: 120_000,
}, async () => {
  const packed = await install()
  const files = await readdir(packed, { recursive: true })
  expect(files.filter((name) => /\.test\.ts$/.test(name))).toEqual([])
  expect(files).toContain('migrations/0001_engine.sql')

  const bin = join(packed, 'bin/engine.mjs')
  const port = await freePort()
  const env = {
    PATH: process.env.PATH!,
    NODE_ENV: 'test' as const,
    ENGINE_PORT: String(port),
    ENGINE_LOG_LEVEL: 'error',
  }
  const options = { cwd: folder, env }
  await promisify(execFile)(process.execPath, [bin, 'init', '--database-url', database.url], options)
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [bin, 'credentials', 'create', '--json'],
    options,
  )
  const { id, secret } = JSON.parse(stdout)

  child = spawn(process.execPath, [bin, 'serve'], { ...options, stdio: ['ignore', 'inherit', 'inherit'] })
  const mux = new Mux({
    baseURL: `http://127.0.0.1:${port}`,
    tokenId: id,
    tokenSecret: secret,
    maxRetries: 0,
  })
  const { access_token_name: name } = await until(
    'the packed engine to answer',
    () => mux.system.utilities.whoami().catch((error) => (error.status ? Promise.reject(error) : null)),
    60_000,
    200,
  )
  expect(name).toBe(id)
  const { headers } = await fetch(`http://127.0.0.1:${port}/engine/health`)
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  expect((await exited)[0]).toBe(0)
})

import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createKeys } from './keys.ts'
import { addSealKey, newSealKey } from './seal-keys.ts'
import {
  forgetAuditSigningKey,
  loadSecrets,
  prepareMasterKey,
  rotateMasterKey,
  type SecretFiles,
  watchSecrets,
} from './secrets.ts'

let folder: string
let files: SecretFiles
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mm-secrets-'))
  files = { file: join(folder, 'secrets.json'), masterKeyFile: join(folder, 'vault', 'master.key') }
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function add(): Promise<string> {
  const made = newSealKey(new Date())
  await addSealKey(files, made)
  return made.id
}
async function rotate(): Promise<void> {
  await rotateMasterKey(files, (await prepareMasterKey(files)).made)
}
const valuesOf = (secrets: object) =>
  Object.values(secrets).map((value) => String(value).split('\n')[1] || String(value))

describe('[OPS-07] secrets at rest', () => {
  it('lie sealed, for their owner alone, and none of them in the open', async () => {
    const secrets = await loadSecrets(files)
    const text = await readFile(files.file, 'utf8')
    for (const value of valuesOf(secrets)) expect(text).not.toContain(value)
    const key = (await readFile(files.masterKeyFile, 'utf8')).trim()
    expect(text).not.toContain(key)
    expect(valuesOf(secrets)).not.toContain(key)
    for (const file of Object.values(files)) expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(await loadSecrets(files)).toEqual(secrets)
  })

  it('are made once, by whoever comes first: all that start at one moment have the same', async () => {
    const loaded = await Promise.all(Array.from({ length: 8 }, () => loadSecrets(files)))
    const stored = await loadSecrets(files)
    for (const secrets of loaded) expect(secrets).toEqual(stored)
    expect(await readdir(folder)).toEqual(['secrets.json', 'vault'])
    expect(await readdir(join(folder, 'vault'))).toEqual(['master.key'])
  })

  it('of an older installation are sealed as they are: what they sealed still opens', async () => {
    const { dataKey, ...others } = await loadSecrets(files)
    await rm(files.masterKeyFile)
    await writeFile(files.file, JSON.stringify({ masterKey: dataKey, ...others }))
    const loaded = await Promise.all(Array.from({ length: 5 }, () => loadSecrets(files)))
    for (const secrets of loaded) expect(secrets).toEqual({ dataKey, ...others })
    expect(await readFile(files.file, 'utf8')).not.toContain(dataKey)
    expect(await loadSecrets(files)).toEqual({ dataKey, ...others })
    expect(await readdir(join(folder, 'vault'))).toEqual(['master.key'])
  })

  it('that changed after they were read, and before anybody looked again, are met at the first look', async () => {
    const read = await loadSecrets(files)
    const added = await add()
    const { seal } = createKeys(read, { watch: () => watchSecrets(files), clock: () => new Date() })
    expect(seal.current().id).not.toBe(added)
    seal.refresh()
    expect(seal.current().id).toBe(added)
  })

  it('open under a new master key, and no more under the old one', async () => {
    const secrets = await loadSecrets(files)
    const old = await readFile(files.masterKeyFile, 'utf8')
    const { made, from, to } = await prepareMasterKey(files)
    await rotateMasterKey(files, made)
    expect(from).not.toBe(to)
    expect((await prepareMasterKey(files)).from).toBe(to)
    expect(await loadSecrets(files)).toEqual(secrets)
    expect(await readFile(files.masterKeyFile, 'utf8')).not.toBe(old)
    await writeFile(files.masterKeyFile, old)
    await expect(loadSecrets(files)).rejects.toThrow('is not the key of')
  })

  it('are read by whoever starts at any moment of a rotation', async () => {
    const secrets = await loadSecrets(files)
    let rotating = true
    const readers = Array.from({ length: 4 }, async () => {
      let read = 0
      while (rotating || read === 0) {
        expect(await loadSecrets(files)).toEqual(secrets)
        read += 1
      }
      return read
    })
    for (let times = 0; times < 20; times += 1) await rotate()
    rotating = false
    for (const read of await Promise.all(readers)) expect(read).toBeGreaterThan(0)
    expect(Object.keys(JSON.parse(await readFile(files.file, 'utf8')).boxes)).toHaveLength(1)
  })

  it('survive a process that is killed within a rotation, wherever it is', async () => {
    const secrets = await loadSecrets(files)
    const script = join(folder, 'rotate.mjs')
    const module = new URL('./secrets.ts', import.meta.url).href
    await writeFile(
      script,
      `const { prepareMasterKey, rotateMasterKey } = await import(${JSON.stringify(module)})
       const files = ${JSON.stringify(files)}
       process.send('began')
       for (;;) await rotateMasterKey(files, (await prepareMasterKey(files)).made)`,
    )
    for (let times = 0; times < 3; times += 1) {
      const child = fork(script, { stdio: 'ignore', execArgv: [] })
      const ended = new Promise((resolve) => child.once('exit', resolve))
      await new Promise((resolve) => child.once('message', resolve))
      await new Promise((resolve) => setTimeout(resolve, 5 + 17 * times))
      child.kill('SIGKILL')
      await ended
      expect(await loadSecrets(files)).toEqual(secrets)
    }
  }, 60_000)

  it('say what to do where a file is missing, changed or another installation’s', async () => {
    await loadSecrets(files)
    const added = await add()
    await forgetAuditSigningKey(files)
    const kept = await loadSecrets(files)
    expect(kept.auditSigningKey).toBeUndefined()
    expect(kept.sealKeys?.[0]?.id).toBe(added)
    const stored = JSON.parse(await readFile(files.file, 'utf8'))
    const [mark = ''] = Object.keys(stored.boxes)
    const box = Buffer.from(stored.boxes[mark], 'base64')
    box[40] = (box[40] ?? 0) ^ 1
    await writeFile(files.file, JSON.stringify({ version: 2, boxes: { [mark]: box.toString('base64') } }))
    await expect(loadSecrets(files)).rejects.toThrow('its seal is broken')
    await writeFile(files.masterKeyFile, randomBytes(32).toString('base64url'))
    await expect(loadSecrets(files)).rejects.toThrow('is not the key of')
    await writeFile(files.masterKeyFile, 'short')
    await expect(loadSecrets(files)).rejects.toThrow('no key of 32 bytes')
    await rm(files.masterKeyFile)
    await expect(loadSecrets(files)).rejects.toThrow('is missing')
    await writeFile(files.file, 'nonsense')
    await expect(loadSecrets(files)).rejects.toThrow('is damaged')
  })
})

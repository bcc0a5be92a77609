import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkSecretFiles, clockCheck, diskCheck, postgresCheck, privacyCheck } from './doctor-checks.ts'
import { checkMail, checkPort } from './doctor-network.ts'
import { checkProgram, programCheck } from './doctor-programs.ts'

const ENCODERS = ' V....D libx264  H.264\n A....D aac  AAC\n'
const cleanUps: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp()
})

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanUps.push(() => server.close())
  return (server.address() as { port: number }).port
}

describe('what the machine says', () => {
  it.each([
    [0, 'ok'],
    [-999, 'ok'],
    [1000, 'warn'],
    [-29_999, 'warn'],
    [30_000, 'fail'],
  ])('[ASVS-16.2.2] a clock that is %i ms off is %s', (offMs, status) => {
    expect(clockCheck(offMs).status).toBe(status)
  })

  it('says whose clock is where', () => {
    expect(clockCheck(-2500).message).toMatch(/^The database is 2\.5 s behind this machine: set both by NTP/)
  })

  it.each([
    [0.5, 'fail'],
    [1, 'warn'],
    [9.9, 'warn'],
    [10, 'ok'],
  ])('%f GiB free is %s', (gib, status) => {
    expect(diskCheck('/data', gib * 1024 ** 3).status).toBe(status)
  })

  it.each([
    [{ number: 180004, version: '18.4', super: false }, 'ok'],
    [{ number: 150000, version: '15.0', super: true }, 'warn'],
    [{ number: 140011, version: '14.11', super: false }, 'fail'],
  ])('Postgres %j is %s', (row, status) => {
    expect(postgresCheck(row, 0.4).status).toBe(status)
  })

  it.each([
    ['ffmpeg version 5.1.6-0+deb12u1 Copyright', ENCODERS, 'ok'],
    ['ffmpeg version n7.1 Copyright', ENCODERS, 'ok'],
    ['ffmpeg version N-118000-gabcdef Copyright', ENCODERS, 'ok'],
    ['ffmpeg version 4.4.2 Copyright', ENCODERS, 'warn'],
    ['ffmpeg version 6.0 Copyright', ' A....D aac  AAC\n V....D libx264rgb  H.264\n', 'fail'],
  ])('%s is %s', (version, encoders, status) => {
    expect(programCheck('ffmpeg', version, encoders).status).toBe(status)
  })

  it('names the setting of a program that does not run', async () => {
    const check = await checkProgram('ffprobe', '/nowhere/ffprobe')
    expect(check).toMatchObject({ status: 'fail', message: expect.stringContaining('set FFPROBE_PATH') })
  })
})

describe('whom people ask about their data', () => {
  it.each([
    ['https://portal.studio.example', undefined, 'warn', 'set PRIVACY_CONTACT'],
    ['https://portal.studio.example', 'mailto:privacy@studio.example', 'ok', 'mailto:privacy@studio.example'],
    ['http://localhost:3000', undefined, 'ok', 'Nobody else'],
  ])('at %s, PRIVACY_CONTACT %s: %s', (PUBLIC_URL, PRIVACY_CONTACT, status, message) => {
    const check = privacyCheck({ PUBLIC_URL, PRIVACY_CONTACT })
    expect(check).toMatchObject({ status, message: expect.stringContaining(message) })
  })
})

describe('secret files', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp('/tmp/mm-doctor-')
    cleanUps.push(() => rm(folder, { recursive: true }))
    await writeFile(join(folder, 'secrets.json'), '{}', { mode: 0o600 })
  })
  const check = () => checkSecretFiles({ DATA_DIR: folder, SECRETS_FILE: join(folder, 'secrets.json') })

  it('[ASVS-13.3.1] are fine where only their owner reads them', async () => {
    expect((await check()).map(({ status }) => status)).toEqual(['ok'])
  })

  it('[ASVS-13.3.2] fail where others may read one', async () => {
    await chmod(join(folder, 'secrets.json'), 0o640)
    expect(await check()).toEqual([
      { name: 'secrets', status: 'fail', message: `Others may read ${folder}/secrets.json: chmod 600 it.` },
    ])
  })

  it('are a warning while the first password waits', async () => {
    await writeFile(join(folder, 'first-password.txt'), 'x', { mode: 0o600 })
    expect((await check()).map(({ status }) => status)).toEqual(['warn'])
  })
})

describe('the network', () => {
  it('tells a free port from one that another program has', async () => {
    const port = await listen(createServer((socket) => socket.destroy()))
    expect(await checkPort({ PORT: port, HOST: '127.0.0.1' })).toMatchObject({
      status: 'fail',
      message: expect.stringContaining('taken'),
    })
    expect(await checkPort({ PORT: 0, HOST: '127.0.0.1' })).toMatchObject({ status: 'ok' })
    expect(await checkPort({ PORT: 0, HOST: '192.0.2.1' })).toMatchObject({
      status: 'fail',
      message: expect.stringContaining('no address'),
    })
  })

  const mail = (change: Partial<Parameters<typeof checkMail>[0]>) =>
    checkMail({
      SMTP_URL: undefined,
      RESEND_API_KEY: undefined,
      MAIL_FROM: 'Portal <portal@studio.example>',
      PUBLIC_URL: 'https://portal.studio.example',
      ...change,
    })

  it('finds an SMTP server that greets, and one that does not', async () => {
    const greeting = await listen(createServer((socket) => socket.end('220 mail.example ESMTP\r\n')))
    const silent = await listen(createServer((socket) => socket.end()))
    expect(await mail({ SMTP_URL: `smtp://127.0.0.1:${greeting}` })).toMatchObject({ status: 'ok' })
    expect(await mail({ SMTP_URL: `smtp://127.0.0.1:${silent}` })).toMatchObject({
      status: 'fail',
      message: expect.stringContaining('does not greet'),
    })
  })

  it('warns where mail stays in the outbox of a public portal, and knows the example sender', async () => {
    expect(await mail({})).toMatchObject({ status: 'warn' })
    expect(await mail({ PUBLIC_URL: 'http://localhost:3000' })).toMatchObject({ status: 'ok' })
    const example = { RESEND_API_KEY: 'key', MAIL_FROM: 'Motion Mavericks <no-reply@portal.localhost>' }
    expect(await mail(example)).toMatchObject({
      status: 'fail',
      message: expect.stringContaining('MAIL_FROM is still the example'),
    })
    expect(await mail({ RESEND_API_KEY: 'key' })).toMatchObject({ status: 'ok' })
  })
})

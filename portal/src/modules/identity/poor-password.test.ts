import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isInBreachFile } from './common-passwords.ts'
import { refuseCommonPassword, refusePoorPassword } from './poor-password.ts'

const context = ['mira.okafor@harbour.example', 'Mira Okafor', 'Harbour Pictures']
const verdict = (password: string, file?: string) =>
  refusePoorPassword({ password, context, settings: { BREACHED_PASSWORDS_FILE: file } }).then(
    () => 'taken',
    (error: Error) => error.message,
  )

describe('a new password [IDN-01]', () => {
  it.each([
    'password1234',
    'PASSWORD1234',
    'qwertyuiop123',
    'Sunshine2024!',
    'p@ssw0rd12345',
    'ｐａｓｓｗｏｒｄ１２３４',
  ])('[ASVS-6.2.4] refuses %s, which is leaked or nearly so', async (password) => {
    expect(await verdict(password)).toContain('lists of leaked passwords')
  })

  it.each(['mira.okafor1', 'MiraOkafor2026', 'harbour-mira', 'MotionMavericks1', 'Harbour Pictures!'])(
    '[ASVS-6.2.11] refuses %s, which is made of names',
    async (password) => {
      expect(await verdict(password)).toContain('names that others know')
    },
  )

  it.each(['aaaaaaaaaaaa', 'abcabcabcabc', 'abcdefghijklm', '123456789012', '210987654321'])(
    'refuses %s, which is a pattern',
    async (password) => {
      expect(await verdict(password)).toContain('repeats itself or counts up')
    },
  )

  it.each([
    'correct horse battery',
    'north side lights',
    'wK7rT3vNq9Lm2XbD',
    'Mira likes plum cake',
    'öl über alte dächer',
  ])('takes %s', async (password) => {
    expect(await verdict(password)).toBe('taken')
  })

  it('says what to do and never the password', async () => {
    const message = await verdict('password1234')
    expect(message).toContain('Three or four random words')
    expect(message).not.toContain('password1234')
  })

  it('refuses only the listed ones where one person tells it to others [SPS-04]', async () => {
    await expect(refuseCommonPassword('iloveyou1')).rejects.toThrow('leaked')
    await expect(refuseCommonPassword('open sesame')).resolves.toBeUndefined()
  })
})

describe('a downloaded file of leaked passwords [IDN-01]', () => {
  let folder: string
  let file: string
  const sha1 = (text: string) => createHash('sha1').update(text).digest('hex').toUpperCase()
  const leaked = Array.from({ length: 5000 }, (_, n) => `leaked password ${n}`)

  beforeAll(async () => {
    folder = await mkdtemp('/tmp/mm-breached-')
    file = join(folder, 'hashes.txt')
    const lines = leaked.map((password, n) => `${sha1(password)}:${n * 997}`).sort()
    await writeFile(file, `${lines.join('\r\n')}\r\n`)
  })
  afterAll(() => rm(folder, { recursive: true }))

  it('[ASVS-6.2.12] finds each password that stands in it, the first and the last line too', async () => {
    for (const password of leaked) expect(await isInBreachFile(file, password), password).toBe(true)
  })

  it('finds none that does not', async () => {
    for (let n = 0; n < 2000; n++) expect(await isInBreachFile(file, `another ${n}`)).toBe(false)
  })

  it('reads files of one line, of none, and without a last line break', async () => {
    const small = join(folder, 'small.txt')
    await writeFile(small, '')
    expect(await isInBreachFile(small, 'one')).toBe(false)
    await writeFile(small, `${sha1('one')}:3`)
    expect(await isInBreachFile(small, 'one')).toBe(true)
    expect(await isInBreachFile(small, 'two')).toBe(false)
  })

  it('refuses what stands in it, and everything while it can’t be read', async () => {
    expect(await verdict('leaked password 17', file)).toContain('lists of leaked passwords')
    expect(await verdict('close the harbour gate', file)).toBe('taken')
    expect(await verdict('close the harbour gate', join(folder, 'gone.txt'))).toContain(
      'BREACHED_PASSWORDS_FILE',
    )
  })
})

import { expect, it } from 'vitest'
import { createSecretBox } from './secret-box.ts'

const box = createSecretBox('a master secret that is long enough', 'test')

it('[ASVS-11.3.4] opens what it sealed, and seals differently each time', () => {
  const sealed = box.seal('the secret ü', 'one')
  expect(box.open(sealed, 'one')).toBe('the secret ü')
  expect(box.seal('the secret ü', 'one')).not.toBe(sealed)
  expect(sealed).not.toContain('secret')
})

it('[ASVS-11.3.3] opens nothing of another context, purpose or master, and nothing changed', () => {
  const sealed = box.seal('secret', 'one')
  const flipped = Buffer.from(sealed.slice(3), 'base64url')
  flipped[20]! ^= 1
  const changed = `v1.${flipped.toString('base64url')}`
  expect(() => box.open(sealed, 'two')).toThrow()
  expect(() => createSecretBox('a master secret that is long enough', 'other').open(sealed, 'one')).toThrow()
  expect(() => createSecretBox('another master secret', 'test').open(sealed, 'one')).toThrow()
  for (const text of [changed, sealed.slice(0, 20), 'v2.AAAA', '', 'v1.']) {
    expect(() => box.open(text, 'one')).toThrow()
  }
})

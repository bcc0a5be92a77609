import { expect, it } from 'vitest'
import { hashSecret, parseUploadPath, secretMatches, uploadSecret } from './upload-url.ts'

const id = 'a'.repeat(40)

it('[ASVS-11.5.1] gives each upload its own secret of 256 bits, the same each time', () => {
  const secret = uploadSecret('key', id)
  expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/)
  expect(uploadSecret('key', id)).toBe(secret)
  expect(uploadSecret('key', 'b'.repeat(40))).not.toBe(secret)
  expect(uploadSecret('other key', id)).not.toBe(secret)
})

it('recognises the secret by its hash alone', () => {
  const hash = hashSecret(uploadSecret('key', id))
  expect(secretMatches(uploadSecret('key', id), hash)).toBe(true)
  expect(secretMatches(uploadSecret('other', id), hash)).toBe(false)
  expect(secretMatches('', hash)).toBe(false)
})

it('[ASVS-5.3.2] takes no path but its own form', () => {
  const secret = uploadSecret('key', id)
  expect(parseUploadPath(`/upload/${id}.${secret}`)).toEqual({ id, secret })
  for (const path of [
    `/upload/${id}`,
    `/upload/${id}.${secret}/`,
    `/upload/../${id}.${secret}`,
    `/upload/${id}.x`,
  ]) {
    expect(parseUploadPath(path)).toBeNull()
  }
})

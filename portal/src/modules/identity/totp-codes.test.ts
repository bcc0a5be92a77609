import { describe, expect, it } from 'vitest'
import { base32, matchingStep, otpauthUri, stepAt, totpCode } from './totp-codes.ts'

const secret = Buffer.from('12345678901234567890')

describe('TOTP [IDN-01]', () => {
  // RFC 6238, appendix B, SHA-1: the last six of its eight digits.
  it.each([
    [59, '287082'],
    [1111111109, '081804'],
    [1111111111, '050471'],
    [1234567890, '005924'],
    [2000000000, '279037'],
    [20000000000, '353130'],
  ])('at second %i gives %s', (second, code) => {
    expect(totpCode(secret, stepAt(new Date(second * 1000)))).toBe(code)
  })

  it('[ASVS-6.5.5, ASVS-6.5.8] takes a code of the step before and the step after, and none further off', () => {
    const now = new Date(1_234_567_890_000)
    const step = stepAt(now)
    const taken = [-2, -1, 0, 1, 2].map((off) => matchingStep(secret, totpCode(secret, step + off), now, 0))
    expect(taken).toEqual([null, step - 1, step, step + 1, null])
  })

  it('takes no code of a step that was used, nor of one before it', () => {
    const now = new Date(1_234_567_890_000)
    const step = stepAt(now)
    expect(matchingStep(secret, totpCode(secret, step), now, step)).toBeNull()
    expect(matchingStep(secret, totpCode(secret, step - 1), now, step)).toBeNull()
    expect(matchingStep(secret, totpCode(secret, step + 1), now, step)).toBe(step + 1)
  })

  it('writes secrets as authenticators read them', () => {
    // RFC 4648, section 10, without padding.
    expect(['f', 'fo', 'foo', 'foob', 'fooba', 'foobar'].map((text) => base32(Buffer.from(text)))).toEqual([
      'MY',
      'MZXQ',
      'MZXW6',
      'MZXW6YQ',
      'MZXW6YTB',
      'MZXW6YTBOI',
    ])
    expect(otpauthUri(Buffer.from('foobar'), 'Motion Mavericks', 'ana@harbour.example')).toBe(
      'otpauth://totp/Motion%20Mavericks:ana%40harbour.example?secret=MZXW6YTBOI&issuer=Motion%20Mavericks',
    )
  })
})

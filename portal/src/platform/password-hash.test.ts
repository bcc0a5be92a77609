import { hashPassword as betterAuthHash } from 'better-auth/crypto'
import { describe, expect, it } from 'vitest'
import { hashPassword, isPassword } from './password-hash.ts'

describe('a password', () => {
  it('[ASVS-11.4.2] is kept as argon2id with a salt of its own, and known again', async () => {
    const [one, other] = [
      await hashPassword('seven plums on monday'),
      await hashPassword('seven plums on monday'),
    ]
    expect(one).toMatch(/^argon2id\$[\w-]{22}\$[\w-]{43}$/)
    expect(one).not.toBe(other)
    expect([await isPassword(one, 'seven plums on monday'), await isPassword(other, 'seven plums')]).toEqual([
      true,
      false,
    ])
  })

  it('[ASVS-6.2.8] counts as it was typed: not cut, not folded, no other letters', async () => {
    const long = 'é'.repeat(128)
    const hash = await hashPassword(long)
    for (const other of ['é'.repeat(127), 'É'.repeat(128), 'e\u0301'.repeat(128), `${long} `])
      expect(await isPassword(hash, other), other.slice(0, 3)).toBe(false)
    expect(await isPassword(hash, long)).toBe(true)
  })

  it('that was kept in the older form still opens its account', async () => {
    const older = await betterAuthHash('seven plums on monday')
    expect([await isPassword(older, 'seven plums on monday'), await isPassword(older, 'six plums')]).toEqual([
      true,
      false,
    ])
  })

  it.each(['', 'none', 'argon2id$', 'argon2id$aaaa$', 'a:', ':b', 'argon2id$c2FsdHNhbHRzYWx0$AAAA'])(
    'is not known by the damaged hash %j',
    async (hash) => {
      expect(await isPassword(hash, '')).toBe(false)
    },
  )
})

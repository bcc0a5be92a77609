import { expect, it } from 'vitest'
import { expiresAt, GRACE_AFTER_BYTE_MS } from './expiry.ts'

const created = new Date('2026-11-01T00:00:00Z')
const after = (milliseconds: number) => new Date(created.getTime() + milliseconds)
const upload = (lastByteMs: number | null, timeout = 3600) => ({
  created_at: created,
  timeout_seconds: timeout,
  last_byte_at: lastByteMs === null ? null : after(lastByteMs),
})

it('ends after its timeout, whether or not bytes came early', () => {
  expect(expiresAt(upload(null))).toEqual(after(3_600_000))
  expect(expiresAt(upload(1000))).toEqual(after(3_600_000))
})

it('is prolonged while bytes arrive', () => {
  expect(expiresAt(upload(3_599_000))).toEqual(after(3_599_000 + GRACE_AFTER_BYTE_MS))
})

it('never lasts longer than seven days', () => {
  const week = 7 * 24 * 3_600_000
  expect(expiresAt(upload(week - 1000, 604_800))).toEqual(after(week))
})

import { describe, expect, it } from 'vitest'
import { createLiveSecret, type Standing } from './live-secret.ts'
import { MOST_STALE_MS } from './seal-ring.ts'

const until = '2026-11-22T10:00:00Z'

/** A file that others may change, how often it was looked at, and a monotonic clock. */
function stage() {
  let changed: Standing | null = null
  const at = { looks: 0, ms: 0 }
  const secret = createLiveSecret(
    { current: 'first', past: [] },
    () => {
      at.looks += 1
      const read = changed
      changed = null
      return read
    },
    () => new Date('2026-11-21T10:00:00Z'),
    () => at.ms,
  )
  const change = (to: string, ended = false) => {
    changed = { current: to, past: [{ value: 'first', until, ended }] }
  }
  return { secret, at, change }
}

describe('[OPS-07] a secret that is replaced while the portal runs', () => {
  it('is met by who has not heard of it; whoever shows nonsense makes a process look once a second', () => {
    const { secret, at, change } = stage()
    for (let n = 0; n < 1000; n += 1) expect(secret.accepts(`nonsense ${n}`)).toBe(false)
    expect(at.looks).toBe(1)
    at.ms += 1000
    change('second')
    expect(secret.accepts('second')).toBe(true)
    // A look that found something new holds up no other.
    change('third')
    expect(secret.accepts('third')).toBe(true)
    expect(at.looks).toBe(3)
  })

  it('that was ended holds no more where nobody has told of it, once a process has not looked for a while', () => {
    const { secret, at, change } = stage()
    change('second', true)
    expect(secret.accepts('first')).toBe(true)
    at.ms += MOST_STALE_MS + 1
    expect(secret.accepts('first')).toBe(false)
    expect(secret.current()).toBe('second')
  })
})

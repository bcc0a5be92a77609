import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decide,
  isOnAllowList,
  remainingNeeds,
  type SharePolicy,
  shareStatus,
  type ViewerState,
} from './rules.ts'

const now = new Date('2026-11-21T10:00:00Z')
const instant = fc.integer({ min: -3, max: 3 }).map((minutes) => new Date(now.getTime() + minutes * 60_000))
const email = fc.constantFrom('jo@example.org', 'eve@example.com')

const policy: fc.Arbitrary<SharePolicy> = fc.record({
  access: fc.constantFrom('link', 'email', 'account'),
  allow: fc.uniqueArray(fc.constantFrom('jo@example.org', '@example.com', '@example.net')),
  hasPassword: fc.boolean(),
  maxViews: fc.option(fc.integer({ min: 1, max: 3 })),
  viewsUsed: fc.integer({ min: 0, max: 3 }),
  expiresAt: instant,
  revokedAt: fc.option(instant),
})
const video = fc.record({ deletedAt: fc.option(instant), playbackId: fc.constant('pid') })
const viewer: fc.Arbitrary<ViewerState | null> = fc.option(
  fc.record({
    email: fc.option(email),
    userId: fc.option(fc.constant('usr_1')),
    passwordPassed: fc.boolean(),
    viewStarted: fc.boolean(),
    ended: fc.boolean(),
    expiresAt: instant,
  }),
)

describe('[IDN-02] [SPS-02] decide', () => {
  it('lets nobody in who has not met every condition of the share', () => {
    fc.assert(
      fc.property(policy, video, viewer, (share, state, who) => {
        if (!decide(share, state, who, now).allowed) return
        expect(share.revokedAt).toBeNull()
        expect(share.expiresAt > now).toBe(true)
        expect(state.deletedAt).toBeNull()
        expect(who?.ended ?? false).toBe(false)
        if (share.access === 'email') expect(who?.email).toBeTruthy()
        if (share.access === 'account') expect(who?.userId).toBeTruthy()
        if (share.hasPassword) expect(who?.passwordPassed).toBe(true)
        if (share.access !== 'link' && share.allow.length > 0)
          expect(isOnAllowList(share.allow, who?.email ?? '')).toBe(true)
        if (share.maxViews !== null && !who?.viewStarted) expect(share.viewsUsed).toBeLessThan(share.maxViews)
      }),
      { numRuns: 5000 },
    )
  })

  it('spends a view exactly at the first start', () => {
    fc.assert(
      fc.property(policy, video, viewer, (share, state, who) => {
        const verdict = decide(share, state, who, now)
        if (verdict.allowed) expect(verdict.spendsView).toBe(!who?.viewStarted)
      }),
    )
  })

  it('asks for nothing more of whoever it lets in', () => {
    fc.assert(
      fc.property(policy, video, viewer, (share, state, who) => {
        if (decide(share, state, who, now).allowed) expect(remainingNeeds(share, who)).toEqual([])
      }),
    )
  })

  it('lets in whoever meets them all', () => {
    fc.assert(
      fc.property(policy, (share) => {
        const open = {
          ...share,
          revokedAt: null,
          expiresAt: new Date(now.getTime() + 1),
          viewsUsed: 0,
          allow: [],
        }
        const who = {
          email: 'jo@example.org',
          userId: 'u',
          passwordPassed: true,
          viewStarted: false,
          ended: false,
          expiresAt: open.expiresAt,
        }
        expect(decide(open, { deletedAt: null, playbackId: 'pid' }, who, now)).toEqual({
          allowed: true,
          spendsView: true,
        })
      }),
    )
  })
})

it.each([
  [[], 'a@b.example', true],
  [['a@b.example'], 'a@b.example', true],
  [['a@b.example'], 'x@b.example', false],
  [['@b.example'], 'x@b.example', true],
  [['@b.example'], 'x@sub.b.example', false],
  [['@b.example'], 'b.example', false],
])('list %j and %s: %s', (allow, address, expected) => {
  expect(isOnAllowList(allow, address)).toBe(expected)
})

it.each([
  [{ revokedAt: now }, false, 'revoked'],
  [{ expiresAt: now }, true, 'expired'],
  [{}, true, 'watching'],
  [{ maxViews: 1, viewsUsed: 1 }, false, 'used_up'],
  [{ maxViews: 2, viewsUsed: 1 }, false, 'active'],
] as const)('[STM-01] a share with %o, watched %s, is %s', (change, watched, status) => {
  const share: SharePolicy = {
    access: 'link',
    allow: [],
    hasPassword: false,
    maxViews: null,
    viewsUsed: 0,
    expiresAt: new Date(now.getTime() + 1),
    revokedAt: null,
    ...change,
  }
  expect(shareStatus(share, watched, now)).toBe(status)
})

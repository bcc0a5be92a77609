import { describe, expect, it } from 'vitest'
import { allows, type RestrictionRules, referrerInput, userAgentInput } from './rules.ts'

const rules = (referrer = {}, userAgent = {}): RestrictionRules => ({
  referrer: { allowed_domains: [], allow_no_referrer: false, ...referrer },
  user_agent: { allow_no_user_agent: true, allow_high_risk_user_agent: true, ...userAgent },
})
const from = (referer?: string) => ({ referer, 'user-agent': 'Mozilla/5.0' })

describe('playback restrictions', () => {
  it.each([
    [['example.com'], 'https://example.com/watch', true],
    [['example.com'], 'https://example.com:8443/', true],
    [['example.com'], 'https://EXAMPLE.com/', true],
    [['example.com'], 'https://www.example.com/', false],
    [['example.com'], 'https://example.com.evil.net/', false],
    [['example.com'], 'https://evilexample.com/', false],
    [['example.com'], 'https://evil.net/?https://example.com/', false],
    [['example.com'], 'https://example.com@evil.net/', false],
    [['*.example.com'], 'https://www.example.com/', true],
    [['*.example.com'], 'https://a.b.example.com/', false],
    [['*.example.com'], 'https://example.com/', false],
    [['*.example.com'], 'https://evilexample.com/', false],
    [['a.com', '*.b.com'], 'https://x.b.com/', true],
    [['*'], 'http://anything.example/', true],
    [['*'], 'not a URL', false],
    [[], 'https://example.com/', false],
  ])('domains %j, referrer %s: %s', (allowed_domains, referer, expected) => {
    expect(allows(rules({ allowed_domains }), from(referer))).toBe(expected)
  })

  it('decides apart what comes without a referrer', () => {
    expect(allows(rules({ allowed_domains: ['*'] }), from())).toBe(false)
    expect(allows(rules({ allow_no_referrer: true }), from())).toBe(true)
    expect(allows(rules({ allow_no_referrer: true }), from('https://example.com/'))).toBe(false)
  })

  it.each([
    ['curl/8.5.0', false],
    ['Wget/1.21', false],
    ['Lavf/59.27.100', false],
    ['python-requests/2.31', false],
    ['yt-dlp/2026.01.01', false],
    ['node', false],
    ['Mozilla/5.0 (X11) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/120.0 Safari/537.36', false],
    ['Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15', true],
    ['AppleCoreMedia/1.0.0.21E236 (iPhone; U; CPU OS 17_4 like Mac OS X; en_us)', true],
    ['ExoPlayerLib/2.19.1', true],
  ])('where high risk is refused, %s: %s', (agent, expected) => {
    const wary = rules({ allowed_domains: ['*'] }, { allow_high_risk_user_agent: false })
    const headers = { referer: 'https://example.com/', 'user-agent': agent }
    expect(allows(wary, headers)).toBe(expected)
    expect(allows(rules({ allowed_domains: ['*'] }), headers)).toBe(true)
  })

  it('decides apart what comes without a user agent', () => {
    const headers = { referer: 'https://example.com/' }
    expect(allows(rules({ allowed_domains: ['*'] }), headers)).toBe(true)
    expect(allows(rules({ allowed_domains: ['*'] }, { allow_no_user_agent: false }), headers)).toBe(false)
  })

  it('[ASVS-1.2.9] takes domains and one level of wildcards', () => {
    expect(referrerInput.parse({ allowed_domains: ['Example.com', '*.b.com'] })).toEqual({
      allowed_domains: ['example.com', '*.b.com'],
      allow_no_referrer: false,
    })
    expect(userAgentInput.parse({})).toEqual({
      allow_no_user_agent: true,
      allow_high_risk_user_agent: true,
    })
    for (const wrong of ['https://a.com', 'a.com/x', '*.*.com', 'a.*', '', '-a.com', 'a b', '**'])
      expect(referrerInput.safeParse({ allowed_domains: [wrong] }).success, wrong).toBe(false)
    expect(referrerInput.safeParse({ allowed_domains: ['*', 'a.com'] }).success).toBe(false)
    expect(referrerInput.safeParse({ allowed_domains: Array(11).fill('a.com') }).success).toBe(false)
    expect(referrerInput.safeParse({}).success).toBe(false)
  })
})

import { expect, test } from 'vitest'
import { cspFindings } from '../../../tests/scan/judge-csp.ts'
import { answerHeaders, nonceOf, securityHeaders } from './security-headers.ts'

const strict = securityHeaders({ nonce: 'bm9uY2U=', dev: false, secure: true })

test('[ASVS-1.3.2, ASVS-3.2.1, ASVS-3.4.3, ASVS-3.7.1] the strict policy allows scripts by nonce alone and no inline style', () => {
  const policy = strict['content-security-policy'] ?? ''
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("script-src 'nonce-bm9uY2U=' 'strict-dynamic';")
  expect(policy).toContain("require-trusted-types-for 'script'")
  expect(policy).not.toContain('unsafe-')
  expect(policy).not.toMatch(/https?:|\*/)
})

test('[ASVS-3.4.1] HSTS stands only where the origin is https', () => {
  const plain = securityHeaders({ nonce: 'bm9uY2U=', dev: false, secure: false })
  expect(strict['strict-transport-security']).toContain('max-age=63072000')
  expect(plain['strict-transport-security']).toBeUndefined()
  expect(plain['content-security-policy']).not.toContain('upgrade-insecure-requests')
})

test('[ASVS-13.4.2] development permits what hot reloading needs', () => {
  const policy = securityHeaders({ nonce: 'bm9uY2U=', dev: true, secure: false })['content-security-policy']
  expect(policy).toContain("'unsafe-eval'")
  expect(policy).toContain('ws:')
  expect(policy).not.toContain('trusted-types')
})

test('media of another provider are let in where they are fetched, nowhere else', () => {
  const options = { nonce: 'bm9uY2U=', dev: false, secure: true, mediaOrigins: ['https://stream.mux.test'] }
  const directives = (securityHeaders(options)['content-security-policy'] ?? '').split('; ')
  expect(directives.filter((line) => line.includes('mux.test')).map((line) => line.split(' ')[0])).toEqual([
    'img-src',
    'media-src',
    'connect-src',
  ])
})

test('uploads to another provider may be sent, nothing else', () => {
  const options = { nonce: 'bm9uY2U=', dev: false, secure: true, uploadOrigins: ['https://storage.test'] }
  const directives = (securityHeaders(options)['content-security-policy'] ?? '').split('; ')
  expect(directives.filter((line) => line.includes('storage.test'))).toEqual([
    "connect-src 'self' https://storage.test",
  ])
})

test('the nonce is read back out of the policy', () => {
  expect(nonceOf(strict['content-security-policy'])).toBe('bm9uY2U=')
  expect(nonceOf("default-src 'none'")).toBeUndefined()
  expect(nonceOf(null)).toBeUndefined()
})

test('[ASVS-3.4.3] csp_evaluator finds nothing in any form of the policy, and something in a weak one', () => {
  const others = { mediaOrigins: ['https://stream.mux.test'], uploadOrigins: ['https://storage.test'] }
  for (const secure of [true, false]) {
    for (const more of [{}, others]) {
      const headers = securityHeaders({ nonce: 'bm9uY2VzIGFyZSByYW5kb20', dev: false, secure, ...more })
      expect(cspFindings('page', headers['content-security-policy'] ?? null)).toEqual([])
    }
  }
  expect(cspFindings('page', "script-src 'unsafe-inline' https:; object-src *")).not.toEqual([])
  expect(cspFindings('page', null)).toHaveLength(1)
})

test('[ASVS-3.4.4] [ASVS-3.4.5] [ASVS-3.4.6] an answer that is no page’s is held as strictly', () => {
  for (const headers of [answerHeaders(true), answerHeaders(false), strict]) {
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['referrer-policy']).toBe('no-referrer')
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
    expect(cspFindings('answer', headers['content-security-policy'] ?? null)).toEqual([])
  }
  expect(answerHeaders(true)['strict-transport-security']).toContain('max-age=63072000')
  expect(answerHeaders(false)['strict-transport-security']).toBeUndefined()
})

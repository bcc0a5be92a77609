import { expect, it } from 'vitest'
import { settleTarget } from './request-target.ts'

const settled = (url: string, host = 'portal.example') => {
  const req = { url, headers: { host } as { host?: string }, rawHeaders: ['Host', host] }
  return settleTarget(req) ? [req.url, req.headers.host] : null
}

it('[E2E-08] every door judges the path that routes see', () => {
  const paths: Record<string, string> = {
    '/videos?a=/../b': '/videos?a=/../b',
    '/_next/../admin?x=1': '/admin?x=1',
    '/_next/%2e%2E/admin': '/admin',
    '/./video/v1/assets': '/video/v1/assets',
    '/api/health/..\\..\\account': '/account',
    '/.well-known/security.txt': '/.well-known/security.txt',
    '//elsewhere.example/..': '//',
    '/../../etc/passwd': '/etc/passwd',
  }
  for (const [asked, path] of Object.entries(paths))
    expect(settled(asked), asked).toEqual([path, 'portal.example'])
})

it('[E2E-08] a target with a host in it is judged by that host', () => {
  expect(settled('http://elsewhere.example/api/account')).toEqual(['/api/account', 'elsewhere.example'])
  expect(settled('https://portal.example:444/s/../a')).toEqual(['/a', 'portal.example:444'])
  expect(settled('*')).toBeNull()
  expect(settled('ftp://portal.example/')).toBeNull()
})

it('[E2E-08] two Host headers name no place, whichever comes first and however they are written', () => {
  const named = (...rawHeaders: string[]) =>
    settleTarget({ url: '/', headers: { host: rawHeaders[1] ?? '' }, rawHeaders })
  expect(named('Host', 'portal.example', 'Accept', 'host')).toBe(true)
  expect(named('Host', 'portal.example', 'hOST', 'evil.example')).toBe(false)
  expect(named('host', 'portal.example', 'Accept', '*/*', 'Host', 'portal.example')).toBe(false)
})

import { describe, expect, it } from 'vitest'
import { settlePageRequest } from './settle-page-request.ts'

const tree = (value: unknown) => encodeURIComponent(JSON.stringify(value))
const TREE = tree(['', { children: ['videos', { children: ['__PAGE__', {}] }] }, null, null, 16])

function settled(headers: Record<string, string>, url = '/videos') {
  const req = { url, headers: { host: 'portal.example', ...headers } }
  settlePageRequest(req)
  const { host, ...left } = req.headers
  return { url: req.url, headers: left }
}

describe('a request for a page', () => {
  it('keeps what Next’s scripts say of a navigation', () => {
    const headers = {
      rsc: '1',
      'next-router-prefetch': '1',
      'next-router-segment-prefetch': '/_tree',
      'next-router-state-tree': TREE,
      'next-url': '/videos?state=ready',
    }
    expect(settled(headers)).toEqual({ url: '/videos', headers })
  })

  it.each([
    ['cut off', '%7B'],
    ['not encoded', '%zz'],
    ['null', 'null'],
    ['of another shape', tree(['', { children: ['x', {}] }, null, null, true])],
    ['sent twice', `${TREE}, ${TREE}`],
    ['larger than any page’s', tree(nested(60))],
  ])('loses a tree that is %s', (_, value) => {
    expect(settled({ rsc: '1', 'next-router-state-tree': value }).headers).toEqual({ rsc: '1' })
  })

  const foreign: Record<string, string>[] = [
    { rsc: '2' },
    { 'next-router-prefetch': 'x' },
    { 'next-router-segment-prefetch': '%zz' },
    { 'next-url': '//elsewhere.example' },
    { 'next-url': 'http://[x' },
    { 'next-action': '0'.repeat(42) },
    { 'next-hmr-refresh': '1' },
    { 'x-middleware-prefetch': '1' },
    { 'x-middleware-subrequest': 'middleware' },
    { 'x-middleware-rewrite': '/videos' },
    { 'x-nextjs-data': '1' },
    { 'x-next-revalidated-tags': 'a' },
    { 'x-invoke-path': '/videos' },
    { 'x-matched-path': '/videos' },
    { 'x-now-route-matches': '1=a' },
    { 'x-prerender-revalidate': 'a' },
  ]
  it.each(foreign)('loses %o', (headers) => {
    expect(settled(headers).headers).toEqual({})
  })

  it('keeps every other header', () => {
    const headers = { cookie: 'a=b', accept: 'text/html', 'x-forwarded-for': '203.0.113.9' }
    expect(settled(headers).headers).toEqual(headers)
  })

  it.each(['/videos/%zz', '/videos/%', '/videos/%ff'])('leads %s to where no page is', (url) => {
    expect(settled({}, url).url).toBe('/_not-found')
    expect(settled({}, '/videos/%C3%A4?q=%zz').url).toBe('/videos/%C3%A4?q=%zz')
  })
})

function nested(depth: number): unknown {
  return depth === 0 ? ['', {}] : ['', { children: nested(depth - 1) }]
}

import { expect, it } from 'vitest'
import { crawlStarts } from './crawl-starts.ts'

const query = (...names: string[]) => names.map((name) => ({ name, in: 'query', schema: { type: 'string' } }))

it('begins at every page and address as it answers best, and apart from that at what is refused', async () => {
  const document = {
    paths: {
      '/api/videos': { get: { parameters: query('q', 'cursor', 'sort') }, post: {} },
      '/api/videos/{id}': { get: {} },
      '/api/users/{id}': { get: {} },
      '/api/share-export': { get: {} },
      '/api/refused': { get: {} },
    },
  }
  const known = { '/api/videos/{id}': 'vid_1', '/videos/[id]': 'vid_1' }
  const ask = async (path: string) => (/cursor=/.test(path) ? 400 : /refused/.test(path) ? 403 : 200)
  const starts = await crawlStarts(document, known, ask)
  expect(starts.filter(({ path }) => path.startsWith('/api/'))).toEqual([
    { path: '/api/videos?q=a&sort=a', shown: true },
    { path: '/api/videos?cursor=a', shown: false },
    { path: '/api/videos/vid_1', shown: true },
    { path: '/api/refused', shown: false },
  ])
  const pages = starts.map(({ path }) => path)
  for (const page of ['/', '/videos', '/videos/vid_1', '/admin/audit/events', '/s/a'])
    expect(pages).toContain(page)
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp, type TestApp } from '../../../tests/support/test-app.ts'
import { serveTestApp, type TestHttp } from '../../../tests/support/test-http.ts'

const FILE = { filename: 'Heat 2.mp4', contentType: 'video/mp4', size: 1000 }

let t: TestApp
let http: TestHttp
beforeAll(async () => {
  t = await createTestApp({ MAX_UPLOAD_BYTES: '5000000' })
  http = await serveTestApp(t)
  const { id } = await t.person('agency')
  const { rows } = await t.app.pool.query('select email from users where id = $1', [id])
  await http.signIn(rows[0].email, 'correct horse battery')
})
afterAll(async () => {
  await http?.stop()
  await t?.stop()
})

const chunked = async (path: string, text: string) => {
  const body = new ReadableStream({
    start(stream) {
      stream.enqueue(new TextEncoder().encode(text))
      stream.close()
    },
  })
  return await fetch(`${http.origin}${path}`, { method: 'POST', body, duplex: 'half' } as RequestInit)
}
const json = async (answer: Response) => ({ status: answer.status, body: await answer.json() })
const send = async (method: string, path: string, body?: unknown) =>
  json(await http.send(method, path, { body }))

describe('uploads and videos over HTTP', () => {
  it('[MUX-01] from start to deletion', async () => {
    const started = await send('POST', '/api/uploads', FILE)
    expect(started).toMatchObject({ status: 201, body: { status: 'waiting', maxBytes: 5_000_000 } })
    const { id, videoId, uploadUrl } = started.body
    expect(await send('GET', `/api/uploads/${id}`)).toMatchObject({
      status: 200,
      body: { id, videoId, status: 'waiting', progress: 0, error: null },
    })
    expect(await send('GET', '/api/uploads?state=open&limit=100')).toMatchObject({
      body: { items: [{ id }] },
    })
    expect(await send('POST', `/api/uploads/${id}/resume`, {})).toMatchObject({ body: { uploadUrl } })
    expect(await send('PATCH', `/api/videos/${videoId}`, { title: 'Heat 2, lane 4' })).toMatchObject({
      body: { id: videoId, title: 'Heat 2, lane 4', status: 'waiting', duration: null },
    })
    expect(await send('GET', '/api/videos')).toMatchObject({
      body: { items: [{ id: videoId }], nextCursor: null },
    })
    expect(await send('DELETE', `/api/videos/${videoId}`)).toMatchObject({
      status: 200,
      body: { status: 'deleted' },
    })
    expect((await send('GET', `/api/videos/${videoId}`)).status).toBe(404)
    expect(await send('GET', `/api/uploads/${id}`)).toMatchObject({ body: { status: 'cancelled' } })
  })

  it('pages through videos, newest first, each once', async () => {
    for (let n = 0; n < 5; n++) await send('POST', '/api/uploads', { ...FILE, title: `Video ${n}` })
    const titles: string[] = []
    let cursor: string | null = ''
    do {
      const { body }: { body: { items: { title: string }[]; nextCursor: string | null } } = await send(
        'GET',
        `/api/videos?limit=2${cursor ? `&cursor=${cursor}` : ''}`,
      )
      titles.push(...body.items.map((video) => video.title))
      cursor = body.nextCursor
    } while (cursor)
    expect(new Set(titles).size).toBe(titles.length)
    expect(titles.filter((title) => title.startsWith('Video ')).sort()).toEqual([
      'Video 0',
      'Video 1',
      'Video 2',
      'Video 3',
      'Video 4',
    ])
  })

  it.each([
    ['no session', 401, { ...FILE }, { cookie: '' }],
    ['over the limit', 413, { ...FILE, size: 5_000_001 }, {}],
    ['not media', 415, { ...FILE, filename: 'a.exe', contentType: 'application/x-msdownload' }, {}],
    ['empty', 400, { ...FILE, size: 0 }, {}],
    ['malformed JSON', 400, '{"filename":', {}],
    ['a foreign page', 403, FILE, { origin: 'https://evil.example' }],
  ] as const)('[MUX-07] %s is a problem document of %i', async (_, status, body, headers) => {
    const answer = await http.send('POST', '/api/uploads', { body, headers })
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(await answer.json()).toMatchObject({ status, type: expect.stringMatching(/^\/problems\//) })
  })

  it('a body of unknown length is refused before it is read', async () => {
    expect((await chunked('/api/uploads', JSON.stringify(FILE))).status).toBe(400)
    expect((await chunked('/api/webhooks/mux', '{}')).status).toBe(401)
  })

  it("[PRJ-01] [ASVS-8.2.2] somebody else's are not found", async () => {
    const stranger = await t.person('agency')
    const video = await t.video(stranger)
    expect((await send('GET', `/api/videos/${video}`)).status).toBe(404)
    expect((await send('PATCH', `/api/videos/${video}`, { title: 'Mine' })).status).toBe(404)
    expect((await send('DELETE', `/api/videos/${video}`)).status).toBe(404)
  })

  it('are in the OpenAPI document, with the limit on their titles', async () => {
    const { paths } = (await send('GET', '/api/openapi.json')).body
    const names = [
      '/api/uploads',
      '/api/uploads/{id}',
      '/api/videos',
      '/api/videos/{id}',
      '/api/webhooks/mux',
    ]
    expect(Object.keys(paths)).toEqual(expect.arrayContaining(names))
    const body = paths['/api/uploads'].post.requestBody.content['application/json'].schema
    expect(body.properties.size).toMatchObject({ type: 'integer', minimum: 1 })
  })

  it('[ASVS-2.3.2] begin at most 20 times a day', async () => {
    const person = await t.person('agency')
    const browser = await serveTestApp(t)
    const { rows } = await t.app.pool.query('select email from users where id = $1', [person.id])
    await browser.signIn(rows[0].email, 'correct horse battery')
    const statuses: number[] = []
    for (let n = 0; n < 21; n++)
      statuses.push((await browser.send('POST', '/api/uploads', { body: FILE })).status)
    await browser.stop()
    expect(statuses).toEqual([...Array(20).fill(201), 429])
  })
})

import { expect, test } from 'vitest'
import { RenewedUrls } from './renewed-urls.ts'

/** A service that signs every URL anew for each token, as Mux does; `renditions` may be other ones later. */
function service(renditions = ['360p', '720p']) {
  const fetched: string[] = []
  const master = (token: string) =>
    [
      '#EXTM3U',
      `#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="main",URI="https://m.example/audio.m3u8?s=${token}"`,
      ...renditions.flatMap((name) => [
        `#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=${name},AUDIO="a"`,
        `https://m.example/${name}.m3u8?s=${token}`,
      ]),
    ].join('\n')
  const media = (name: string, token: string) =>
    [
      `#EXT-X-MAP:URI="${name}/init.mp4?s=${token}"`,
      ...[0, 1, 2].flatMap((n) => ['#EXTINF:2,', `${name}/${n}.m4s?s=${token}`]),
    ].join('\n')
  const fetchText = async (url: string) => {
    fetched.push(url)
    const { pathname, searchParams } = new URL(url)
    return { url, text: media(pathname.slice(1, -5), searchParams.get('s') ?? '') }
  }
  const play = (token: string) => {
    const first = `https://m.example/v.m3u8?token=${token}`
    const urls = new RenewedUrls(first, fetchText)
    urls.learn(first, first, master(token))
    return urls
  }
  return { fetched, master, media, play, renditions }
}

const at = (path: string, token: string) => `https://m.example/${path}?s=${token}`

test('[SPS-06] where every URL is signed anew, old names lead to the newest ones', async () => {
  const { play, master, media, fetched } = service()
  const urls = play('one')
  urls.learn(at('720p.m3u8', 'one'), at('720p.m3u8', 'one'), media('720p', 'one'))
  expect(await urls.target(at('720p/1.m4s', 'one'))).toBe(at('720p/1.m4s', 'one'))

  for (const token of ['two', 'three']) {
    urls.renewed(`https://m.example/v.m3u8?token=${token}`, 'https://m.example/v.m3u8', master(token))
    expect(await urls.target('https://m.example/v.m3u8?token=one')).toBe(
      `https://m.example/v.m3u8?token=${token}`,
    )
    expect(await urls.target(at('360p.m3u8', 'one'))).toBe(at('360p.m3u8', token))
    expect(await urls.target(at('audio.m3u8', 'one'))).toBe(at('audio.m3u8', token))
    expect(await urls.target(at('720p/init.mp4', 'one'))).toBe(at('720p/init.mp4', token))
    expect(await urls.target(at('720p/2.m4s', 'one'))).toBe(at('720p/2.m4s', token))
  }
  // One look at a rendition's playlist a renewal.
  expect(fetched).toEqual([at('720p.m3u8', 'two'), at('720p.m3u8', 'three')])
})

test('a rendition that is first played after a renewal is followed too', async () => {
  const { play, master, media } = service()
  const urls = play('one')
  urls.renewed('https://m.example/v.m3u8?token=two', 'https://m.example/v.m3u8', master('two'))
  urls.learn(at('360p.m3u8', 'one'), at('360p.m3u8', 'two'), media('360p', 'two'))
  urls.renewed('https://m.example/v.m3u8?token=three', 'https://m.example/v.m3u8', master('three'))
  expect(await urls.target(at('360p/0.m4s', 'two'))).toBe(at('360p/0.m4s', 'three'))
})

test("the engine's URLs hold: nothing is fetched, though a rendition has come meanwhile", async () => {
  const { play, master, media, fetched, renditions } = service()
  const urls = play('session')
  urls.learn(at('720p.m3u8', 'session'), at('720p.m3u8', 'session'), media('720p', 'session'))
  renditions.unshift('1080p')
  urls.renewed('https://m.example/v.m3u8?token=two', 'https://m.example/v.m3u8', master('session'))
  expect(await urls.target(at('720p/1.m4s', 'session'))).toBe(at('720p/1.m4s', 'session'))
  expect(urls.newest).toBe('https://m.example/v.m3u8?token=two')
  expect(fetched).toEqual([])
})

test('of renditions in another order each is found by what it is', async () => {
  const { play, master, renditions } = service()
  const urls = play('one')
  renditions.unshift('1080p')
  urls.renewed('https://m.example/v.m3u8?token=two', 'https://m.example/v.m3u8', master('two'))
  expect(await urls.target(at('360p.m3u8', 'one'))).toBe(at('360p.m3u8', 'two'))
  expect(await urls.target(at('720p.m3u8', 'one'))).toBe(at('720p.m3u8', 'two'))
})

test('a playlist that does not answer is asked for again with the next request', async () => {
  const { master, media } = service()
  let answers = false
  const first = 'https://m.example/v.m3u8?token=one'
  const urls = new RenewedUrls(first, async (url) => {
    if (!answers) throw new Error('dead line')
    return { url, text: media('360p', 'two') }
  })
  urls.learn(first, first, master('one'))
  urls.learn(at('360p.m3u8', 'one'), at('360p.m3u8', 'one'), media('360p', 'one'))
  urls.renewed('https://m.example/v.m3u8?token=two', 'https://m.example/v.m3u8', master('two'))
  expect(await urls.target(at('360p/0.m4s', 'one'))).toBe(at('360p/0.m4s', 'one'))
  answers = true
  expect(await urls.target(at('360p/0.m4s', 'one'))).toBe(at('360p/0.m4s', 'two'))
})

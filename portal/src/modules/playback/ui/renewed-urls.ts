// A playlist of a day in two-second pieces, a few renditions of it.
const MOST_KNOWN = 400_000
const FETCH_MS = 15_000

/** Fetches a playlist; throws where it is not answered with one. */
export type FetchText = (url: string) => Promise<{ url: string; text: string }>

type Children = Map<string, string>

/**
 * Where a media URL lies after a renewal. The engine's URLs stay as they are. Mux signs each playlist and segment for
 * itself: there a renewed master playlist names the same things under new URLs, so whatever the player asks for by its
 * old name is found under the same words in the new playlists. The player notices nothing.
 */
export class RenewedUrls {
  readonly #fetchText: FetchText
  readonly #firstUrl: string
  #newestUrl: string
  /** Child URL as the player knows it → the playlist that names it, and under which words. */
  readonly #places = new Map<string, { playlist: string; words: string }>()
  /** What the newest playlists name, by the playlist's URL as the player knows it. */
  readonly #named = new Map<string, Promise<Children>>()
  #moved = false

  constructor(playbackUrl: string, fetchText: FetchText = fetchPlaylist) {
    this.#firstUrl = playbackUrl
    this.#newestUrl = playbackUrl
    this.#fetchText = fetchText
  }

  /** The master playlist's newest URL. */
  get newest(): string {
    return this.#newestUrl
  }

  /** A playlist as the player has loaded it; `baseUrl` is where it came from in the end. */
  learn(url: string, baseUrl: string, text: string): void {
    if (this.#places.size > MOST_KNOWN) return
    for (const [words, child] of childrenOf(text, baseUrl)) {
      if (!this.#places.has(child)) this.#places.set(child, { playlist: url, words })
    }
  }

  /** The master playlist that a renewal has fetched. */
  renewed(playbackUrl: string, baseUrl: string, text: string): void {
    this.#newestUrl = playbackUrl
    const children = childrenOf(text, baseUrl)
    // More renditions than before are no move: those that are known still lie where they lay.
    this.#moved ||= [...this.#places].some(
      ([child, { playlist, words }]) => playlist === this.#firstUrl && children.get(words) !== child,
    )
    this.#named.clear()
    this.#named.set(this.#firstUrl, Promise.resolve(children))
  }

  /** The URL under which the player's URL is served now; the same where nothing else is known. */
  async target(url: string): Promise<string> {
    if (url === this.#firstUrl) return this.#newestUrl
    const known = this.#moved ? this.#places.get(url) : undefined
    if (!known) return url
    const children = await this.#namedIn(known.playlist).catch(() => null)
    return children?.get(known.words) ?? url
  }

  #namedIn(playlist: string): Promise<Children> {
    const asked = this.#named.get(playlist)
    if (asked) return asked
    const asking = this.#load(playlist)
    this.#named.set(playlist, asking)
    asking.catch(() => this.#named.get(playlist) === asking && this.#named.delete(playlist))
    return asking
  }

  async #load(playlist: string): Promise<Children> {
    const { url, text } = await this.#fetchText(await this.target(playlist))
    return childrenOf(text, url)
  }
}

/**
 * Every URL that a playlist names, by the words that name it: the tag without its URL, and how many of the same words
 * stand before it. A segment's words are its place.
 */
export function childrenOf(text: string, baseUrl: string): Children {
  const children: Children = new Map()
  const counts = new Map<string, number>()
  const add = (words: string, uri: string) => {
    const count = counts.get(words) ?? 0
    counts.set(words, count + 1)
    children.set(`${words} ${count}`, new URL(uri, baseUrl).href)
  }
  let rendition = ''
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith('#EXT-X-STREAM-INF:')) rendition = line
    else if (line.startsWith('#')) {
      const uri = /[:,]URI="([^"]*)"/.exec(line)?.[1]
      if (uri !== undefined) add(line.replace(uri, ''), uri)
    } else if (line.trim() !== '') {
      add(rendition, line.trim())
      rendition = ''
    }
  }
  return children
}

async function fetchPlaylist(url: string) {
  const answer = await fetch(url, {
    cache: 'no-store',
    referrerPolicy: 'no-referrer',
    signal: AbortSignal.timeout(FETCH_MS),
  })
  if (!answer.ok) throw new Error(`playlist: ${answer.status}`)
  return { url: answer.url, text: await answer.text() }
}

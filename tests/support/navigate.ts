import { request } from 'node:http'

export type Answer = { status: number; location: string; text: string }

/** A browser of its own that walks from page to page: cookies by origin, redirects one at a time. */
export function newBrowser() {
  const jars = new Map<string, Map<string, string>>()
  const jarOf = (url: string) => {
    const { origin } = new URL(url)
    if (!jars.has(origin)) jars.set(origin, new Map())
    return jars.get(origin)!
  }

  function go(url: string, headers: Record<string, string> = {}): Promise<Answer> {
    const jar = jarOf(url)
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const navigation = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', accept: 'text/html' }
    return new Promise((resolve, reject) => {
      const sent = request(url, { headers: { ...navigation, cookie, ...headers } }, async (answer) => {
        for (const line of answer.headers['set-cookie'] ?? []) {
          const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
          if (value) jar.set(name, value)
          else jar.delete(name)
        }
        let text = ''
        for await (const chunk of answer) text += chunk
        const location = answer.headers.location
        resolve({
          status: answer.statusCode ?? 0,
          location: location ? new URL(location, url).href : '',
          text,
        })
      })
      sent.once('error', reject).end()
    })
  }
  return { go, jarOf }
}

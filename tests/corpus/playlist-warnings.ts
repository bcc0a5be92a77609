import HLS from 'hls-parser'
import { Parser } from 'm3u8-parser'
import { fetchText } from '../support/hls-reader.ts'

/** What two parsers say against a master playlist and every playlist that it names. */
export async function playlistWarnings(masterUrl: string): Promise<string[]> {
  const master = await fetchText(masterUrl)
  const lines = [...master.matchAll(/^(?!#)\S+$|URI="([^"]+)"/gm)].map(([whole, uri]) => uri ?? whole)
  const urls = [...new Set(lines)].filter((uri) => /\.m3u8(\?|$)/.test(uri))
  const warnings = check('master', master)
  for (const uri of urls) {
    const url = new URL(uri, masterUrl)
    warnings.push(...check(url.pathname.split('/').at(-1) ?? uri, await fetchText(url.href)))
  }
  return warnings
}

function check(name: string, text: string): string[] {
  const found: string[] = []
  const parser = new Parser()
  parser.on('warn', ({ message }: { message: string }) => found.push(message))
  parser.push(text)
  parser.end()
  try {
    HLS.setOptions({ strictMode: true, silent: true })
    HLS.parse(text)
  } catch (error) {
    found.push((error as Error).message)
  }
  return found.map((message) => `${name}: ${message}`)
}

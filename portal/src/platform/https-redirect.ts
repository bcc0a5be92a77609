import { bareHeaders } from './bare-answers.ts'
import type { Handler } from './front-door.ts'

/**
 * What plain HTTP is told where TLS is spoken: a page's address at the https origin, by 308 (RFC 9110, 15.4.9). What
 * changes something is refused instead: its secrets have crossed the network in the clear, and should be noticed.
 * The origin is a setting: the Host header leads nowhere.
 */
export function redirectToHttps(publicUrl: string): Handler {
  return (req, res) => {
    const { method, url = '/' } = req
    if (method !== 'GET' && method !== 'HEAD') {
      res.writeHead(403, bareHeaders(false))
      return void res.end(`Use ${publicUrl}: this is plain HTTP.\n`)
    }
    // An absolute target (`GET http://elsewhere/`) names no path of ours.
    const path = url.startsWith('/') ? url : '/'
    res.writeHead(308, { ...bareHeaders(false), location: `${publicUrl}${path}`, 'content-length': 0 })
    res.end()
  }
}

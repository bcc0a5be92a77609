import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Planted } from './counting-door.ts'

type Hole = {
  path: string
  parameter: string
  /** What wapiti calls it. */
  rule: string
  answer(value: string, res: ServerResponse): void
}

const page = (res: ServerResponse, body: string) =>
  void res.writeHead(200, { 'content-type': 'text/html' }).end(`<!doctype html><body><p>${body}</p></body>`)

/**
 * What a crawl must find, or it would have found nothing in the product either. wapiti takes addresses in their order: these
 * are the last, so that a module that finds its own got through all the others.
 */
const HOLES: readonly Hole[] = [
  {
    ...{ path: '/~planted/echo', parameter: 'text', rule: 'Cross Site Scripting' },
    answer: (value, res) => page(res, value),
  },
  {
    ...{ path: '/~planted/find', parameter: 'name', rule: 'SQL Injection' },
    answer: (value, res) =>
      page(res, /['"\\]/.test(value) ? 'PostgreSQL query failed: ERROR: unterminated string' : 'nothing'),
  },
  {
    ...{ path: '/~planted/go', parameter: 'to', rule: 'Open Redirect' },
    answer: (value, res) => void res.writeHead(302, { location: value.replace(/[^!-~]/g, '') }).end(),
  },
]

/** Answers for each hole, to whoever sends the session's cookie alone: nobody else gets there. */
export const plantHoles =
  (isSignedIn: (cookie: string) => boolean): Planted =>
  (req: IncomingMessage, res: ServerResponse) => {
    const url = new URL(req.url ?? '/', 'http://planted')
    const hole = HOLES.find(({ path }) => path === url.pathname)
    if (!hole) return false
    req.resume()
    if (isSignedIn(req.headers.cookie ?? '')) hole.answer(url.searchParams.get(hole.parameter) ?? '', res)
    else res.writeHead(401).end()
    return true
  }

/** Where a walk meets them. */
export const plantedStarts = (origin: string): string[] =>
  HOLES.map(({ path, parameter }) => `${origin}${path}?${parameter}=a`)

/** Which of them are not among what was found. */
export const unfoundHoles = (found: readonly { rule: string; path: string }[]): string[] =>
  HOLES.filter(
    (hole) => !found.some(({ rule, path }) => rule === hole.rule && path.startsWith(hole.path)),
  ).map(({ rule }) => rule)

export const isPlanted = (path: string): boolean => HOLES.some((hole) => path.startsWith(hole.path))

import type { Hono } from 'hono'
import { AppError } from '#portal/platform/errors.ts'
import type { Env } from './request-context.ts'

type Route = { method: string; pattern: RegExp }

/**
 * What to answer where no route took a request: 405 with the methods that its path knows (RFC 9110, 15.5.6), or 404 where
 * there is no such path. The routes are looked through at such a request alone.
 */
export function noRouteFor(api: Pick<Hono<Env>, 'routes'>): (path: string) => AppError {
  let routes: Route[] | null = null
  return (path) => {
    routes ??= api.routes
      .filter((route) => route.method !== 'ALL')
      .map(({ method, path }) => ({ method, pattern: patternOf(path) }))
    const known = new Set(routes.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method))
    if (known.size === 0) return new AppError('not_found')
    if (known.has('GET')) known.add('HEAD')
    const allow = [...known].sort()
    return new AppError('method_not_allowed', `This address takes ${allow.join(', ')} alone.`, { allow })
  }
}

/** Hono's `:name` and `:name{expression}`; a slash at the end makes no difference. */
function patternOf(path: string): RegExp {
  const source = path.replace(
    /:\w+(?:\{((?:[^{}]|\{[^{}]*\})*)\})?|[.+?^$()|[\]\\*]/g,
    (found, expression?: string) => {
      if (found === '*') return '.*'
      return found.startsWith(':') ? `(?:${expression ?? '[^/]+'})` : `\\${found}`
    },
  )
  return new RegExp(`^${source}/?$`)
}

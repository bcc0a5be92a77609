/** Attributes of cookies that only our own origin may set and read. */
export const COOKIE = 'Path=/; Secure; HttpOnly; SameSite=Lax'

export function cookieOf(headers: Headers, name: string): string | null {
  const pair = (headers.get('cookie') ?? '').split(/; */).find((part) => part.startsWith(`${name}=`))
  return pair?.slice(name.length + 1) ?? null
}

export const forget = (name: string) => `${name}=; ${COOKIE}; Max-Age=0`

/** The page that a sign-in was begun on: a link to watch, or the front door for everything else. */
export const linkOrDoor = (path: string) => (/^\/s\/[\w-]+$/.test(path) ? path : '/')

/** Sends a browser on, with the cookies it takes along. */
export function redirect(to: string, cookies: string[] = []): Response {
  const headers = new Headers({ location: to, 'cache-control': 'no-store' })
  for (const cookie of cookies) headers.append('set-cookie', cookie)
  return new Response(null, { status: 302, headers })
}

/** A search of the log as its page keeps it in the address. */
export type LogQuery = {
  area?: string | undefined
  outcome?: string | undefined
  about?: string | undefined
  text?: string | undefined
  /** Days in UTC, both of them included. */
  from?: string | undefined
  to?: string | undefined
}

const FORMS: Record<keyof LogQuery, RegExp> = {
  area: /^[a-z-]{1,32}$/,
  outcome: /^(allowed|refused|failed)$/,
  about: /^.{1,128}$/,
  text: /^.{1,200}$/,
  from: /^\d{4}-\d{2}-\d{2}$/,
  to: /^\d{4}-\d{2}-\d{2}$/,
}

/** What an address or a saved search asks; what is none of ours is left out. */
export function queryIn(read: (name: string) => string | undefined): LogQuery {
  const query: LogQuery = {}
  for (const [name, form] of Object.entries(FORMS)) {
    const value = read(name)?.trim()
    const isDay = name === 'from' || name === 'to'
    if (value && form.test(value) && !(isDay && Number.isNaN(Date.parse(value))))
      query[name as keyof LogQuery] = value
  }
  return query
}

/** The same as text of an address, always in one order. */
export function queryText(query: LogQuery): string {
  const parts = Object.keys(FORMS).flatMap((name) => {
    const value = query[name as keyof LogQuery]
    return value ? [[name, value] as [string, string]] : []
  })
  return new URLSearchParams(parts).toString()
}

/** The same as the API asks it. */
export function searchOf({ area, outcome, about, text, from, to }: LogQuery): Record<string, string> {
  return {
    ...(area ? { action: `${area}.` } : {}),
    ...(outcome ? { outcome } : {}),
    ...aboutWhom(about),
    ...(text ? { text } : {}),
    ...(from ? { from: `${from}T00:00:00Z` } : {}),
    ...(to ? { to: new Date(Date.parse(to) + 86_400_000).toISOString() } : {}),
  }
}

/** A person is looked for as the one who acted, a share with all that concerns it, anything else as a target. */
function aboutWhom(id: string | undefined): Record<string, string> {
  if (!id) return {}
  if (id.startsWith('shr_')) return { share: id }
  return id.startsWith('usr_') || id.startsWith('v_') ? { actor: id } : { target: id }
}

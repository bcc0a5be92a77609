import type { Context } from './context.ts'

/** `share.create`, or `share.*` for all of an area. */
export const SCOPE = /^[a-z][a-z0-9-]*\.(\*|[a-z][a-z0-9-]*)$/

// One's own account, keys, staff rights: they take a person. So does being the second person to somebody else.
const AREAS_OF_PERSONS = ['account', 'api-key', 'audit-access', 'emergency', 'session', 'staff']
const SECOND_PERSON = /\.(approve|confirm|decide|decline|review)(-|$)/

/** Whether only a person may do this, whatever a key's scopes say; pure. */
export function takesPerson(action: string): boolean {
  return AREAS_OF_PERSONS.includes(action.split('.', 1)[0] as string) || SECOND_PERSON.test(action)
}

/** Whether a scope of this list names the operation; pure. */
export function scopesCover(scopes: readonly string[], action: string): boolean {
  return scopes.some(
    (scope) => scope === action || (scope.endsWith('.*') && action.startsWith(scope.slice(0, -1))),
  )
}

const areaOf = (name: string) => name.split('.', 1)[0] as string
const sorted = (names: Iterable<string>) => [...new Set(names)].sort().join(', ')

/** Says which of these scopes name nothing, and what there is in their place; null where all name something; pure. */
export function unknownScopes(scopes: readonly string[], actions: readonly string[]): string | null {
  const unknown = scopes.filter((scope) => !actions.some((action) => scopesCover([scope], action)))
  if (unknown.length === 0) return null
  const areas = new Set(actions.map(areaOf))
  const near = actions.filter((action) => unknown.some((scope) => areaOf(scope) === areaOf(action)))
  const isStrange = unknown.some((scope) => !areas.has(areaOf(scope)))
  const offers = [
    ...(near.length > 0 ? [`There are ${sorted(near)}.`] : []),
    ...(isStrange ? [`Areas are ${sorted([...areas].map((area) => `${area}.*`))}.`] : []),
  ]
  return `${sorted(unknown)}: no such operation. ${offers.join(' ')}`
}

/**
 * Why an actor that came by an API key may not do this; null where it may, and for everybody else; pure. Scopes bound what is
 * called from outside: what one names comes with the steps that it is made of. What takes a person does as a step, too.
 */
export function refusedByKey(
  { actor, stepOf }: Pick<Context, 'actor' | 'stepOf'>,
  action: string,
): 'key_is_no_person' | 'key_scope' | null {
  if (actor.kind !== 'user' || !actor.apiKey) return null
  if (takesPerson(action)) return 'key_is_no_person'
  return stepOf !== undefined || scopesCover(actor.apiKey.scopes, action) ? null : 'key_scope'
}

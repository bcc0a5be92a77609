import type { Audience } from '../answers.ts'
import type { Need } from '../rules.ts'

/** Who an explanation speaks of. */
export function audienceWords(audience: Audience): string {
  switch (audience.kind) {
    case 'anyone_with_link':
      return 'Whoever has the link'
    case 'any_address':
      return 'Whoever proves any e-mail address'
    case 'any_account':
      return 'Everybody with an account here'
    case 'domain':
      return `Everybody at ${audience.domain.slice(1)}`
    case 'address':
      return audience.address
  }
}

const NEEDS: Record<Need, string> = {
  account: 'signing in',
  email: 'giving their address',
  code: 'entering the code sent there',
  password: 'the password',
  agreement: 'agreeing to the text',
  opening: 'the link has opened',
}

/** What somebody has to do first: "signing in", "the password". */
export const needWords = (need: Need) => NEEDS[need]

const REFUSALS: Record<string, string> = {
  revoked: 'The link is revoked.',
  expired: 'The link has ended.',
  video_deleted: 'The video is deleted.',
  country: 'The link opens in other countries only.',
  device: 'The link opened on another device first.',
  denied: 'The address, or its domain, is on the list of those who may not.',
  not_allowed: 'The address is not among those invited.',
  exhausted: 'The views are used up.',
  viewers_exhausted: 'As many people as it is for have watched.',
  session_ended: 'Their visit has ended.',
}

/** Why somebody would not be let in. */
export function refusalWords(refusal: string | null, mustProve: Need[]): string {
  if (refusal === null)
    return mustProve.includes('opening') ? 'Not before the link opens.' : 'Not as things are.'
  return REFUSALS[refusal] ?? 'Not as things are.'
}

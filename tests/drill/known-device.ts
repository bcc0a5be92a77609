import { newAddress, type Somebody, somebody } from './ask.ts'
import type { Person, Stage } from './stage.ts'

/** An owner of an attacked account, who has signed in on their device before. */
export type Owner = { onTheirDevice(): Promise<boolean> }

/** Signs in before the attacks; whether the same browser still does during them tells whether anybody was locked out. */
export async function ownerOf(stage: Stage, person: Person): Promise<Owner> {
  const device = somebody(stage.origin, newAddress())
  await signIn(device, person)
  return { onTheirDevice: async () => (await signIn(device, person)) === 200 }
}

const signIn = async (who: Somebody, body: Person) =>
  (await who.ask({ method: 'POST', path: '/api/auth/sign-in/email', body })).status

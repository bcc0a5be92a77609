import type { TestApp } from '../support/test-app.ts'
import type { Objects } from './objects.ts'
import type { User } from './people.ts'
import type { Reach } from './verdict.ts'

export type Example = {
  /** Null where the operation touches nothing that belongs to anybody. */
  reach: Reach | null
  input: (objects: Objects, t: TestApp, mine: User) => Promise<Record<string, unknown>>
  /** For lists: the verdict is whether the object of this input is shown. */
  shows?: (result: unknown, objects: { id: string }) => boolean
  /** For lists: makes the object that ought to be shown, or not. */
  listed?: (objects: Objects) => Promise<string>
  /** For what belongs to a person, not to an organisation: the command line is nobody in particular. */
  usersOnly?: true
}

/** Another organisation's thing does not exist, and a deleted one no longer, not even for staff. */
export const OWN: Reach = { own: 'all', other: 'none', deleted: 'none', shared: 'none' }
/** The same, but its remains are still shown. */
export const OWN_AND_ENDED: Reach = { ...OWN, deleted: 'all' }
/** The organisation's own, ended or not; any for staff. */
export const OWN_OR_STAFF_AND_ENDED: Reach = { own: 'all', other: 'staff', deleted: 'all', shared: 'staff' }
export const STAFF: Reach = { own: 'all', other: 'all', deleted: 'all', shared: 'all' }
/** A live link opens for whoever holds it. */
export const LINK: Reach = { own: 'all', other: 'all', deleted: 'none', shared: 'all' }
/** Only by what a second person gave, which no row of the matrix has. */
export const NOBODY: Reach = { own: 'none', other: 'none', deleted: 'none', shared: 'none' }
/** Only for a browser that has begun to watch; it is told of the end too. */
export const WATCHING: Reach = { own: 'none', other: 'none', deleted: 'all', shared: 'all' }
/** The same, and no longer once it has ended. */
export const WATCHING_NOW: Reach = { own: 'none', other: 'none', deleted: 'none', shared: 'all' }
export const STOPPED: Reach = { own: 'none', other: 'none', deleted: 'all', shared: 'none' }

export const nothing = async () => ({})
export const contains = (result: unknown, { id }: { id: string }) =>
  JSON.stringify(result).includes(`"${id}"`)
export const list = (reach: Reach, listed: (objects: Objects) => Promise<string>): Example => ({
  reach,
  input: nothing,
  shows: contains,
  listed,
})
/** For what is asked about videos by ID: whether the one named is among the answers. */
export function aboutVideos(reach: Reach, video: (objects: Objects) => Promise<string>): Example {
  let id = ''
  const listed = async (objects: Objects) => {
    id = await video(objects)
    return id
  }
  return { reach, listed, input: async () => ({ videoIds: [id] }), shows: contains, usersOnly: true }
}
export const ofVideo = (reach: Reach, more: Record<string, unknown> = {}): Example => ({
  reach,
  input: async (objects) => ({ id: await objects.video(), ...more }),
})
export const ofShare = (reach: Reach, more: Record<string, unknown> = {}): Example => ({
  reach,
  input: async (objects) => ({ id: (await objects.share()).id, ...more }),
})
export const ofAsked = (
  reach: Reach,
  approval: 'pending' | 'approved',
  more: Record<string, unknown> = {},
): Example => ({ reach, input: async (objects) => ({ id: await objects.asked(approval), ...more }) })
export const ofUpload = (reach: Reach, more: Record<string, unknown> = {}): Example => ({
  reach,
  input: async (objects) => ({ id: await objects.upload(), ...more }),
})
export const unconditional = (input: Example['input'] = nothing): Example => ({ reach: null, input })
export const ofLink = (reach: Reach, more: Record<string, unknown> = {}): Example => ({
  reach,
  input: async (objects) => ({ ...(await objects.watching()), ...more }),
})
export const shareId = async (objects: Objects) => (await objects.share()).id
let serial = 0
/** A number that nothing made before has. */
export const nextSerial = () => ++serial
export const newAddress = () => `matrix-${nextSerial()}@example.com`

export const own = (input: Example['input'] = nothing): Example => ({
  ...unconditional(input),
  usersOnly: true,
})

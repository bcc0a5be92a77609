/** Where somebody stopped in which video, on this device alone, kept only after they said yes. */
export type Places = Record<string, { seconds: number; at: number }>

type Shelf = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

const SHELF = 'resume'
const MOST_PLACES = 200
// Whoever stopped here has seen none of it, or all.
const BEGINNING_SECONDS = 5
const ENDING_SECONDS = 10
const ENDING_PART = 0.1

/** The name of a link's place: a digest, since the link itself must not lie on the device. */
export async function placeOf(token: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`resume:${token}`))
  return Array.from(new Uint8Array(digest).slice(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  )
}

/** The places that are kept; null where nobody has said yes, or the browser keeps nothing. */
export function readPlaces(shelf: () => Shelf): Places | null {
  try {
    const text = shelf().getItem(SHELF)
    return text === null ? null : (JSON.parse(text) as Places)
  } catch {
    return null
  }
}

/** Keeps the places; the oldest go where there are too many. False where the browser refuses. */
export function writePlaces(shelf: () => Shelf, places: Places): boolean {
  const newest = Object.entries(places).sort(([, one], [, other]) => other.at - one.at)
  try {
    shelf().setItem(SHELF, JSON.stringify(Object.fromEntries(newest.slice(0, MOST_PLACES))))
    return true
  } catch {
    return false
  }
}

/** Takes the yes back, and every place with it. */
export function forgetPlaces(shelf: () => Shelf): void {
  try {
    shelf().removeItem(SHELF)
  } catch {
    // A browser that keeps nothing has nothing to forget.
  }
}

/** Where to go on, in seconds; null for the beginning. */
export function goOnAt(seconds: number | undefined, duration: number | null): number | null {
  if (seconds === undefined || seconds < BEGINNING_SECONDS) return null
  if (duration !== null && seconds > duration - Math.min(ENDING_SECONDS, duration * ENDING_PART)) return null
  return seconds
}

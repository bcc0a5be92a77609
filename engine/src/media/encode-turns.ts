/** Encodes that make new videos playable run so many at once in a process; remuxes never wait for them. */
const MOST = 2

let running = 0

/** All turns are taken: the attempt ends, and is made again soon. */
export class NoEncodeTurn extends Error {
  override readonly name = 'NoEncodeTurn'
}

/** Takes a turn and returns what ends it. Throws NoEncodeTurn. */
export function takeEncodeTurn(): () => void {
  if (running >= MOST) throw new NoEncodeTurn('other videos are being encoded')
  running += 1
  return () => {
    running -= 1
  }
}

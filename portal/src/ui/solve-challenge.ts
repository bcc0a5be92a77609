/** What a door asks of a browser while an attack runs: to find a counter whose hash begins with so many zero bits. */
export type Challenge = { challenge: string; bits: number; header: string }

const AT_ONCE = 512

/**
 * Does the work: about a second of computing, in turns, so that the page goes on. Nobody has to look at, listen to or type
 * anything. @returns the header that answers
 */
export async function solveChallenge({
  challenge,
  bits,
  header,
}: Challenge): Promise<Record<string, string>> {
  const encoder = new TextEncoder()
  for (let from = 0; ; from += AT_ONCE) {
    const tries = Array.from({ length: AT_ONCE }, (_, n) => encoder.encode(`${challenge}:${from + n}`))
    const digests = await Promise.all(tries.map((bytes) => crypto.subtle.digest('SHA-256', bytes)))
    const found = digests.findIndex((digest) => Math.clz32(new DataView(digest).getUint32(0)) >= bits)
    if (found >= 0) return { [header]: `${challenge}.${from + found}` }
  }
}

/** The challenge in an answer; null where it asks for none. */
export async function challengeIn(response: Response): Promise<Challenge | null> {
  if (response.status !== 429) return null
  const problem = (await response
    .clone()
    .json()
    .catch(() => null)) as Partial<Challenge & { type: string }> | null
  const { type, challenge, bits, header } = problem ?? {}
  if (type !== '/problems/challenge' || !challenge || !bits || !header) return null
  // More would keep a browser busy for minutes: then the answer is told as it is.
  return bits <= 22 ? { challenge, bits, header } : null
}

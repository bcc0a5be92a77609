import type { Post, Posted } from '#portal/platform/outside-post.ts'
import type { Witness } from '../compose-audit.ts'
import { type Cosignature, noteText, openCosignature } from '../cosignature.ts'
import { consistencyPath, proofOf } from '../merkle.ts'
import type { SqlRunner } from '../sql-runner.ts'
import { nodesFor, type StoredCheckpoint } from '../tree-store.ts'

const DEADLINE_MS = 10_000
const MAX_ANSWER_BYTES = 16 * 1024
/** First with the size that we remember, then with the one that it names. */
const MOST_REQUESTS = 3
/** How far its clock may be from ours. */
export const CLOCK_SLACK_MS = 120_000

export type Answer =
  | { outcome: 'cosigned'; cosignature: Cosignature }
  /** `itsSize`: what it says it has signed; `forked` and `rolled_back` mean that this is not the log it knows. */
  | { outcome: 'forked' | 'rolled_back'; itsSize: number }
  | { outcome: 'unknown_log' | 'unknown_key' | 'wrong_answer' | 'wrong_clock' | 'unreachable'; why: string }

/**
 * Submits a head to a witness (C2SP tlog-witness, add-checkpoint) with the proof that it continues what the witness
 * signed last. Never throws for what the witness does.
 */
export async function askWitness(options: {
  runner: SqlRunner
  post: Post
  witness: Witness
  head: StoredCheckpoint
  /** Size that it signed last, as far as we know. */
  size: number
  now: () => Date
}): Promise<Answer> {
  const { runner, post, witness, head, now } = options
  let { size } = options
  for (let request = 1; request <= MOST_REQUESTS; request++) {
    if (size > head.size) return { outcome: 'rolled_back', itsSize: size }
    const body = await requestBody(runner, size, head)
    if (body === null) return { outcome: 'forked', itsSize: size }
    const answer = await submit(post, witness, body)
    if (answer instanceof Error) return { outcome: 'unreachable', why: answer.message }
    if (answer.status !== 409) return readAnswer(answer, { witness, head, size, now: now() })
    const itsSize = readSize(answer)
    if (itsSize === null) return { outcome: 'wrong_answer', why: 'a conflict without a size' }
    // It refuses the very size that it names: of this size it has signed another head.
    if (itsSize === size) return { outcome: 'forked', itsSize }
    size = itsSize
  }
  return { outcome: 'wrong_answer', why: 'its size changes with every request' }
}

/** Null where the stored tree has no such proof: it is not whole. */
async function requestBody(runner: SqlRunner, size: number, head: StoredCheckpoint): Promise<string | null> {
  const path = size === 0 ? [] : consistencyPath(size, head.size)
  const proof = await nodesFor(runner, path)
    .then((nodes) => proofOf(path, nodes))
    .catch((error: unknown) => {
      if (error instanceof RangeError) return null
      throw error
    })
  return proof && `old ${size}\n${proof.map((hash) => `${hash.toString('base64')}\n`).join('')}\n${head.note}`
}

async function submit(post: Post, { url }: Witness, body: string): Promise<Posted | Error> {
  const options = {
    contentType: 'text/plain; charset=utf-8',
    deadlineMs: DEADLINE_MS,
    maxBytes: MAX_ANSWER_BYTES,
  }
  return await post(`${url}/add-checkpoint`, body, options).catch((error: Error) => error)
}

type Asked = { witness: Witness; head: StoredCheckpoint; size: number; now: Date }

function readAnswer(answer: Posted, { witness, head, size, now }: Asked): Answer {
  const { status } = answer
  // Our proof comes from the tree itself: what it signed before is not the beginning of this tree.
  if (status === 422) return { outcome: 'forked', itsSize: size }
  if (status === 404) return { outcome: 'unknown_log', why: 'it does not watch a log of this name' }
  if (status === 403) return { outcome: 'unknown_key', why: 'it knows no key that signed this head' }
  if (status >= 500 || status === 429) return { outcome: 'unreachable', why: `it answered ${status}` }
  if (status !== 200) return { outcome: 'wrong_answer', why: `it answered ${status}` }
  const cosignature = openCosignature(answer.body.toString('utf8'), noteText(head.note), witness)
  if (!cosignature) return { outcome: 'wrong_answer', why: 'no signature of its key over this head' }
  if (Math.abs(cosignature.time.getTime() - now.getTime()) > CLOCK_SLACK_MS)
    return { outcome: 'wrong_clock', why: `it says it is ${cosignature.time.toISOString()}` }
  return { outcome: 'cosigned', cosignature }
}

function readSize({ body, contentType }: Posted): number | null {
  const text = body.toString('utf8')
  const isSize = contentType.startsWith('text/x.tlog.size') && /^(0|[1-9]\d{0,15})\n$/.test(text)
  return isSize && Number.isSafeInteger(Number(text)) ? Number(text) : null
}

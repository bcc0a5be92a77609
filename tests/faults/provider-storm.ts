import { createHash } from 'node:crypto'
import type { MuxCloud } from '../support/mux-cloud.ts'
import type { Random } from '../support/random.ts'

/** What becomes of an upload at the provider, by hundredths. */
const FATES = [
  { fate: 'ready', share: 880 },
  { fate: 'errored', share: 40 },
  { fate: 'cancelled', share: 30 },
  { fate: 'timed_out', share: 30 },
  { fate: 'deleted', share: 15 },
  { fate: 'poisoned', share: 5 },
] as const
export type FateName = (typeof FATES)[number]['fate']

const MINUTE = 60_000
const HOUR = 60 * MINUTE
/** Of a hundred events, so many never leave the provider, come twice or thrice, or are sent again as they were. */
const DROPPED = 5
const REPEATED = 20
const REPLAYED = 8

export type LedgerEvent = {
  id: string
  type: string
  objectId: string
  upload: string
  dropped: boolean
  taken: boolean
}
export type LedgerUpload = {
  id: string
  videoId: string
  providerId: string
  fate: FateName
  assetId: string | null
}

/** What is to be sent, and when by the moved clock. */
export type Delivery = {
  event: LedgerEvent
  body: string
  dueAt: number
  tries: number
  /** Set where the request that was sent before is sent again, byte for byte. */
  old?: { signature: string }
}

export type Storm = {
  uploads: LedgerUpload[]
  events: LedgerEvent[]
  queue: Delivery[]
  /** Uploads of whose asset's deletion nobody is told. */
  untold: Set<string>
  /** Answers to first requests that did not take them, by status; 0 for none. */
  refusals: Map<number, number>
  /** Lets these uploads live through all that happens to them, in one random order that keeps each one's own. */
  happen(uploads: LedgerUpload[]): void
  /** `replays taken`: requests that were acknowledged before, and again. */
  counts: { dropped: number; repeated: number; replayed: number; delayed: number; 'replays taken': number }
}

export function createStorm(mux: MuxCloud, random: Random, clock: () => number): Storm {
  const storm: Storm = {
    uploads: [],
    events: [],
    queue: [],
    untold: new Set(),
    refusals: new Map(),
    counts: { dropped: 0, repeated: 0, replayed: 0, delayed: 0, 'replays taken': 0 },
    happen(uploads) {
      const steps = uploads.flatMap((upload) => {
        let at = random.below(1_000_000)
        return stepsOf(upload).map((run) => {
          at += random.below(1_000_000)
          return { at, run }
        })
      })
      for (const { run } of steps.toSorted((a, b) => a.at - b.at)) run()
    },
  }

  const tell = (type: string, object: { id: string }, upload: LedgerUpload) => {
    const body = mux.event(type, object as never)
    const { id } = JSON.parse(body) as { id: string }
    const dropped = random.below(100) < DROPPED
    const event = { id, type, objectId: object.id, upload: upload.id, dropped, taken: false }
    storm.events.push(event)
    if (dropped) {
      storm.counts.dropped += 1
      if (type === 'video.asset.deleted') storm.untold.add(upload.id)
      return
    }
    const copies = random.below(100) < REPEATED ? 2 + random.below(2) : 1
    storm.counts.repeated += copies - 1
    for (let n = 0; n < copies; n += 1)
      storm.queue.push({ event, body, dueAt: clock() + delayOf(), tries: 0 })
  }
  const delayOf = () => {
    const kind = random.below(100)
    if (kind < 70) return 0
    storm.counts.delayed += 1
    return kind < 95 ? random.below(10 * MINUTE) : HOUR + random.below(7 * HOUR)
  }

  const stepsOf = (upload: LedgerUpload): (() => void)[] => {
    const provider = mux.uploads.get(upload.providerId)
    if (!provider) throw new Error(`the provider knows no upload ${upload.providerId}`)
    if (upload.fate === 'timed_out') return [() => mux.timeOut(provider.id)]
    const cancel = () => {
      provider.status = 'cancelled'
      tell('video.upload.cancelled', provider, upload)
    }
    if (upload.fate === 'cancelled') return [cancel]
    let asset: ReturnType<MuxCloud['arrive']> | undefined
    const arrive = () => {
      asset = mux.arrive(provider.id)
      upload.assetId = asset.id
      if (upload.fate === 'poisoned') mux.poisoned.add(asset.id)
      tell('video.upload.asset_created', provider, upload)
      tell('video.asset.created', asset, upload)
    }
    const end = () => {
      if (!asset) return
      if (upload.fate === 'errored') mux.fail(asset.id, 'The file is no video.')
      else mux.finish(asset.id)
      tell(upload.fate === 'errored' ? 'video.asset.errored' : 'video.asset.ready', asset, upload)
    }
    const remove = () => {
      if (!asset) return
      mux.assets.delete(asset.id)
      tell('video.asset.deleted', asset, upload)
    }
    return upload.fate === 'deleted' ? [arrive, end, remove] : [arrive, end]
  }
  return storm
}

/** Whether a request that was answered is also sent again as it was, and when. */
export function replayOf(delivery: Delivery, signature: string, random: Random): Delivery | null {
  if (delivery.old || random.below(100) >= REPLAYED) return null
  const later = random.below(2) === 0 ? 10_000 : HOUR
  return { ...delivery, dueAt: delivery.dueAt + later, tries: 0, old: { signature } }
}

/** Each fate once, then as often as its share says. */
export function fateOf(n: number, random: Random): FateName {
  const first = FATES[n]
  if (first) return first.fate
  let place = random.below(FATES.reduce((sum, { share }) => sum + share, 0))
  for (const { fate, share } of FATES) {
    if (place < share) return fate
    place -= share
  }
  return 'ready'
}

/** An ID of the portal's form, from the run's own randomness. */
export function idOf(prefix: 'upl' | 'vid', seed: number, n: number): string {
  const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
  const bytes = createHash('sha256').update(`${prefix}${seed}:${n}`).digest()
  return `${prefix}_${[...bytes.subarray(0, 22)].map((byte) => alphabet[byte % 58]).join('')}`
}

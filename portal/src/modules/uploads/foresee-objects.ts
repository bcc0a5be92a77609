import type { VideoAsset, VideoPort, VideoUpload } from '#portal/adapters/video/port.ts'
import type { App } from '#portal/platform/app.ts'

const PAGE = 100
const SINGLE_LOOKS_AT_ONCE = 4
const MOST_PAGES = 100
/** Objects from which on the service is asked for its newest ones a hundred at a time. */
const WORTH_LISTING = 200
/** What was listed is as good as a look at each for this long. */
const FRESH_MS = 60_000

export type Looker = Pick<VideoPort, 'getAsset' | 'getUpload'>
/** `listed`: most of what may be asked for is known already. */
export type ManyLooker = Looker & { listed: boolean }

/** Where so many objects are looked up: few, or those of a service that lists nothing right now, one by one. */
export async function findLooker(
  app: Pick<App, 'ports' | 'clock' | 'log'>,
  about: number,
): Promise<ManyLooker> {
  if (about < WORTH_LISTING) return lookInTurn(app.ports.video)
  try {
    return await foreseeObjects(app, about)
  } catch (error) {
    app.log.warn({ err: error }, 'objects not listed; looking at each')
    return lookInTurn(app.ports.video)
  }
}

/** The service itself, asked after a few objects at a time however many ask. */
export function lookInTurn(port: Looker): ManyLooker {
  const inTurn = takeTurns(SINGLE_LOOKS_AT_ONCE)
  return {
    listed: false,
    getAsset: (id) => inTurn(() => port.getAsset(id)),
    getUpload: (id) => inTurn(() => port.getUpload(id)),
  }
}

/**
 * The service's newest objects, a hundred a call, for a look at many at once: a service that allows a few calls a second
 * would take hours to tell of each. What is not among them is asked for by itself.
 * @param about how many are wanted
 */
async function foreseeObjects(app: Pick<App, 'ports' | 'clock'>, about: number): Promise<ManyLooker> {
  const { video: port } = app.ports
  const pages = Math.min(MOST_PAGES, Math.ceil(about / PAGE) + 1)
  const assets = new Map<string, VideoAsset>()
  const uploads = new Map<string, VideoUpload>()
  const goodUntil = app.clock().getTime() + FRESH_MS
  let cursor: string | null = null
  for (let page = 0; page < pages; page += 1) {
    const listed: Awaited<ReturnType<VideoPort['listAssets']>> = await port.listAssets(cursor, PAGE)
    for (const asset of listed.assets) assets.set(asset.id, asset)
    cursor = listed.next
    if (!cursor) break
  }
  for (let page = 1; page <= pages; page += 1) {
    const listed = await port.listUploads(page, PAGE)
    for (const upload of listed) uploads.set(upload.id, upload)
    if (listed.length === 0) break
  }
  const single = lookInTurn(port)
  const fresh = () => app.clock().getTime() < goodUntil
  return {
    listed: true,
    getAsset: async (id) => (fresh() && assets.get(id)) || (await single.getAsset(id)),
    getUpload: async (id) => (fresh() && uploads.get(id)) || (await single.getUpload(id)),
  }
}

/** Runs what it is given, so many at once; the others wait for their turn. */
function takeTurns(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  let free = most
  const waiting: (() => void)[] = []
  return async (work) => {
    if (free > 0) free -= 1
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free += 1
    }
  }
}

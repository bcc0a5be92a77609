import { generateKeyPairSync, randomBytes } from 'node:crypto'

export type Upload = {
  id: string
  status: 'waiting' | 'asset_created' | 'errored' | 'cancelled' | 'timed_out'
  timeout: number
  cors_origin: string
  new_asset_settings: { passthrough?: string; playback_policies?: string[]; meta?: Record<string, string> }
  asset_id?: string
  error?: { type: string; message: string }
  /** What the engine adds; absent as at Mux unless a test says otherwise. */
  engine?: { received_bytes: number; total_bytes: number | null; sha256: string | null }
}

export type Asset = Record<string, unknown> & {
  id: string
  status: 'preparing' | 'ready' | 'errored'
  upload_id: string
  passthrough?: string
  playback_ids: { id: string; policy: 'signed' | 'public' }[]
}

export type Answer = [status: number, data?: unknown, error?: string, beside?: Record<string, unknown>]

export const NOT_FOUND: Answer = [404, undefined, 'not_found']

/** A page of a list that is kept oldest first, and told newest first; empty past the end. */
function pageOf<T>(oldestFirst: T[], query: URLSearchParams): T[] {
  const limit = Number(query.get('limit') ?? 25)
  const from = (Number(query.get('page') ?? 1) - 1) * limit
  return oldestFirst.toReversed().slice(from, from + limit)
}

export const newId = () => randomBytes(24).toString('hex')
const playbackId = () => randomBytes(22).toString('hex')

/** What the service holds. */
export type MuxState = {
  uploads: Map<string, Upload>
  assets: Map<string, Asset>
  /** Objects that no list tells of. */
  poisoned: Set<string>
  keys: Set<string>
  clock: () => Date
  /** Where the service listens. */
  origin: string
}

/** What becomes of an upload whose file has arrived. */
export function createAsset({ assets, clock }: MuxState, upload: Upload): Asset {
  const asset: Asset = {
    id: newId(),
    status: 'preparing',
    created_at: `${Math.floor(clock().getTime() / 1000)}`,
    upload_id: upload.id,
    max_resolution_tier: '1080p',
    encoding_tier: 'smart',
    video_quality: 'plus',
    master_access: 'none',
    ingest_type: 'on_demand_direct_upload',
    progress: { state: 'ingesting', progress: 0 },
    playback_ids: (upload.new_asset_settings.playback_policies ?? []).map((policy) => ({
      id: playbackId(),
      policy: policy as 'signed' | 'public',
    })),
    ...(upload.new_asset_settings.passthrough ? { passthrough: upload.new_asset_settings.passthrough } : {}),
    ...(upload.new_asset_settings.meta ? { meta: upload.new_asset_settings.meta } : {}),
  }
  assets.set(asset.id, asset)
  Object.assign(upload, { status: 'asset_created', asset_id: asset.id })
  return asset
}

const asUpload = ({ origin }: MuxState, upload: Upload) =>
  upload.status === 'waiting'
    ? { ...upload, url: `${origin}/storage/${upload.id}?upload_id=${newId()}` }
    : upload

type Route = [RegExp, (parts: string[], method: string, body: object, query: URLSearchParams) => Answer]

/** Mux's REST API over this state, in the shapes of its OpenAPI 15.0.0. */
export function restRoutes(state: MuxState): Route[] {
  const { uploads, assets, poisoned, keys } = state
  return [
    [
      /^\/video\/v1\/uploads$/,
      (_, method, body, query) => {
        if (method === 'GET')
          return [200, pageOf([...uploads.values()], query).map((one) => asUpload(state, one))]
        const { cors_origin = '*', timeout = 3600, new_asset_settings = {} } = body as Partial<Upload>
        const upload: Upload = { id: newId(), status: 'waiting', cors_origin, timeout, new_asset_settings }
        uploads.set(upload.id, upload)
        return [201, asUpload(state, upload)]
      },
    ],
    [
      /^\/video\/v1\/uploads\/(\w+)\/cancel$/,
      ([upload]) => {
        const found = uploads.get(upload!)
        if (!found) return NOT_FOUND
        if (found.status !== 'waiting') return [403]
        found.status = 'cancelled'
        return [200, found]
      },
    ],
    [
      /^\/video\/v1\/uploads\/(\w+)$/,
      ([upload]) => {
        const found = uploads.get(upload!)
        return found ? [200, asUpload(state, found)] : NOT_FOUND
      },
    ],
    [
      /^\/video\/v1\/assets$/,
      (_, __, ___, query) => {
        const newestFirst = [...assets.values()].filter((one) => !poisoned.has(one.id)).reverse()
        const from = Number(query.get('cursor') ?? 0)
        const limit = Number(query.get('limit') ?? 25)
        const next = from + limit < newestFirst.length ? `${from + limit}` : null
        return [200, newestFirst.slice(from, from + limit), undefined, { next_cursor: next }]
      },
    ],
    [
      /^\/video\/v1\/assets\/(\w+)$/,
      ([asset], method, body) => {
        const found = assets.get(asset!)
        if (!found) return NOT_FOUND
        if (method === 'PATCH') Object.assign(found, { meta: (body as Partial<Asset>).meta })
        if (method !== 'DELETE') return [200, found]
        assets.delete(found.id)
        return [204]
      },
    ],
    [
      /^\/video\/v1\/assets\/(\w+)\/static-renditions$/,
      ([asset], _, body) => {
        const found = assets.get(asset!)
        if (!found) return NOT_FOUND
        const { resolution } = body as { resolution: string }
        const name = resolution === 'audio-only' ? 'audio.m4a' : `${resolution}.mp4`
        const made = {
          id: newId(),
          name,
          resolution,
          ext: name.split('.')[1],
          status: 'preparing',
          type: 'advanced',
        }
        const before = (found.static_renditions as { files: object[] } | undefined)?.files ?? []
        found.static_renditions = { files: [...before, made] }
        return [201, made]
      },
    ],
    [
      /^\/video\/v1\/assets\/(\w+)\/playback-ids$/,
      ([asset], _, body) => {
        const found = assets.get(asset!)
        if (!found) return NOT_FOUND
        const made = { id: playbackId(), policy: (body as { policy: 'signed' }).policy }
        found.playback_ids.push(made)
        return [201, made]
      },
    ],
    [
      /^\/video\/v1\/assets\/(\w+)\/playback-ids\/(\w+)$/,
      ([asset, playback]) => {
        const found = assets.get(asset!)
        if (!found?.playback_ids.some((one) => one.id === playback)) return NOT_FOUND
        found.playback_ids = found.playback_ids.filter((one) => one.id !== playback)
        return [204]
      },
    ],
    [
      /^\/system\/v1\/signing-keys$/,
      () => {
        const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
        const pem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()
        const key = {
          id: newId(),
          created_at: '1610108345',
          private_key: Buffer.from(pem).toString('base64'),
        }
        keys.add(key.id)
        return [201, key]
      },
    ],
    [/^\/system\/v1\/signing-keys\/(\w+)$/, ([key]) => (keys.delete(key!) ? [204] : NOT_FOUND)],
  ]
}

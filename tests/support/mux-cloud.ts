import { createHmac, generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { listenOnFreePort } from './listen.ts'

type Upload = {
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

type Asset = Record<string, unknown> & {
  id: string
  status: 'preparing' | 'ready' | 'errored'
  upload_id: string
  passthrough?: string
  playback_ids: { id: string; policy: 'signed' | 'public' }[]
}

export type MuxCloud = {
  origin: string
  credentials: { tokenId: string; tokenSecret: string; webhookSecret: string }
  /** Requests to the REST API so far, as "METHOD /path". */
  calls: string[]
  uploads: Map<string, Upload>
  assets: Map<string, Asset>
  /** Whole files that are served, by "/playback ID/name". */
  files: Map<string, Buffer>
  /** What the service does when its ladder is done, or when the file turns out to be no video. */
  finish(assetId: string): void
  fail(assetId: string, message: string): void
  timeOut(uploadId: string): void
  /** An upload that was asked for by a portal of this mark, without its request. */
  place(passthrough: string, mark: string): Upload
  /** The whole file of an upload has arrived. */
  arrive(uploadId: string): Asset
  /** Objects whose requests are answered with 422, and that no list tells of. */
  poisoned: Set<string>
  /** The next REST requests: answered with a status, or left without an answer until the next call ends them. */
  misbehave(how: 'hang' | number | null): void
  /** Requests whose "METHOD /path" matches are answered with 503, until null. */
  refuse(requests: RegExp | null): void
  /** Body of a webhook about an object as it is now, in Mux's envelope. */
  event(type: string, object: Upload | Asset): string
  sign(body: string, options?: { at?: Date; secret?: string }): string
  stop(): Promise<void>
}

const id = () => randomBytes(24).toString('hex')
const playbackId = () => randomBytes(22).toString('hex')

/**
 * A local server with Mux's own shapes (OpenAPI 15.0.0 and the documented webhook envelope), for what can't be
 * tried against the real cloud: no bytes are kept, and nothing changes unless a test says so.
 */
export async function startMuxCloud(clock: () => Date = () => new Date()): Promise<MuxCloud> {
  const credentials = { tokenId: id(), tokenSecret: id(), webhookSecret: id() }
  const basic = `Basic ${Buffer.from(`${credentials.tokenId}:${credentials.tokenSecret}`).toString('base64')}`
  const uploads = new Map<string, Upload>()
  const assets = new Map<string, Asset>()
  const files = new Map<string, Buffer>()
  const keys = new Set<string>()
  const poisoned = new Set<string>()
  const calls: string[] = []
  let trouble: 'hang' | number | null = null
  let refused: RegExp | null = null
  const hanging = new Set<ServerResponse>()
  let origin = ''

  const createAsset = (upload: Upload): Asset => {
    const asset: Asset = {
      id: id(),
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
      ...(upload.new_asset_settings.passthrough
        ? { passthrough: upload.new_asset_settings.passthrough }
        : {}),
      ...(upload.new_asset_settings.meta ? { meta: upload.new_asset_settings.meta } : {}),
    }
    assets.set(asset.id, asset)
    Object.assign(upload, { status: 'asset_created', asset_id: asset.id })
    return asset
  }

  const asUpload = (upload: Upload) =>
    upload.status === 'waiting'
      ? { ...upload, url: `${origin}/storage/${upload.id}?upload_id=${id()}` }
      : upload

  const routes: [
    RegExp,
    (parts: string[], method: string, body: object, query: URLSearchParams) => Answer,
  ][] = [
    [
      /^\/video\/v1\/uploads$/,
      (_, method, body, query) => {
        if (method === 'GET') return [200, pageOf([...uploads.values()], query).map(asUpload)]
        const { cors_origin = '*', timeout = 3600, new_asset_settings = {} } = body as Partial<Upload>
        const upload: Upload = { id: id(), status: 'waiting', cors_origin, timeout, new_asset_settings }
        uploads.set(upload.id, upload)
        return [201, asUpload(upload)]
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
        return found ? [200, asUpload(found)] : NOT_FOUND
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
      ([asset], method) => {
        const found = assets.get(asset!)
        if (!found) return NOT_FOUND
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
          id: id(),
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
        const key = { id: id(), created_at: '1610108345', private_key: Buffer.from(pem).toString('base64') }
        keys.add(key.id)
        return [201, key]
      },
    ],
    [/^\/system\/v1\/signing-keys\/(\w+)$/, ([key]) => (keys.delete(key!) ? [204] : NOT_FOUND)],
  ]

  const answerStorage = (path: string, res: ServerResponse) => {
    const upload = uploads.get(path.split('/')[2] ?? '')
    if (upload?.status === 'waiting') createAsset(upload)
    res.writeHead(upload && upload.status !== 'cancelled' ? 200 : 410).end()
  }

  const answer = async (req: IncomingMessage, res: ServerResponse) => {
    const text = await readAll(req)
    const { pathname, searchParams } = new URL(req.url ?? '/', 'http://localhost')
    if (pathname.startsWith('/storage/')) return answerStorage(pathname, res)
    const file = files.get(pathname)
    if (file) return void res.writeHead(200, { 'content-length': file.length }).end(file)
    calls.push(`${req.method} ${pathname}`)
    if (trouble === 'hang') {
      hanging.add(res)
      return
    }
    if (trouble !== null) return send(res, [trouble, undefined, 'internal_error'])
    if (refused?.test(`${req.method} ${pathname}`)) return send(res, [503, undefined, 'internal_error'])
    if (req.headers.authorization !== basic) return send(res, [401, undefined, 'unauthorized'])
    if (poisoned.has(pathname.split('/')[4] ?? '')) return send(res, [422, undefined, 'invalid_parameters'])
    const route = routes.find(([pattern]) => pattern.test(pathname))
    if (!route) return send(res, NOT_FOUND)
    const parts = route[0].exec(pathname)!.slice(1)
    send(res, route[1](parts, req.method ?? '', text ? JSON.parse(text) : {}, searchParams))
  }

  const server = createServer((req, res) => void answer(req, res))
  const listening = await listenOnFreePort(server)
  origin = listening.origin
  const needAsset = (assetId: string): Asset => {
    const asset = assets.get(assetId)
    if (!asset) throw new Error(`there is no asset ${assetId}`)
    return asset
  }

  return {
    origin,
    credentials,
    calls,
    uploads,
    assets,
    files,
    finish: (assetId) =>
      void Object.assign(needAsset(assetId), {
        status: 'ready',
        duration: 23.857167,
        aspect_ratio: '16:9',
        resolution_tier: '1080p',
        progress: { state: 'completed', progress: 100 },
        tracks: [
          { id: id(), type: 'video', duration: 23.8, max_width: 1920, max_height: 1080, status: 'ready' },
          { id: id(), type: 'audio', duration: 23.8, max_channels: 2, status: 'ready', primary: true },
        ],
      }),
    fail: (assetId, message) =>
      void Object.assign(needAsset(assetId), {
        status: 'errored',
        errors: { type: 'invalid_input', messages: [message] },
        progress: { state: 'errored', progress: -1 },
      }),
    place(passthrough, mark) {
      const meta = { external_id: passthrough, creator_id: mark }
      const new_asset_settings = { passthrough, playback_policies: ['signed'], meta }
      const upload: Upload = {
        id: id(),
        status: 'waiting',
        cors_origin: '*',
        timeout: 86_400,
        new_asset_settings,
      }
      uploads.set(upload.id, upload)
      return upload
    },
    arrive(uploadId) {
      const upload = uploads.get(uploadId)
      if (!upload) throw new Error(`there is no upload ${uploadId}`)
      return createAsset(upload)
    },
    poisoned,
    timeOut: (uploadId) => void Object.assign(uploads.get(uploadId) ?? {}, { status: 'timed_out' }),
    misbehave: (how) => {
      trouble = how
      for (const res of hanging) res.destroy()
      hanging.clear()
    },
    refuse: (requests) => {
      refused = requests
    },
    event: (type, object) =>
      JSON.stringify({
        type,
        id: randomUUID(),
        created_at: clock().toISOString(),
        object: { type: type.split('.')[1], id: object.id },
        environment: { name: 'Production', id: 'j0863n' },
        data: { ...object, created_at: 1_609_868_768 },
        attempts: [],
        request_id: null,
        accessor: null,
        accessor_source: null,
      }),
    sign: (body, options = {}) => signWebhook(body, options.secret ?? credentials.webhookSecret, options.at),
    stop: listening.stop,
  }
}

/** A `mux-signature` header over this body. */
export function signWebhook(body: string, secret: string, at: Date = new Date()): string {
  const seconds = Math.floor(at.getTime() / 1000)
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`
}

type Answer = [status: number, data?: unknown, error?: string, beside?: Record<string, unknown>]

const NOT_FOUND: Answer = [404, undefined, 'not_found']

/** A page of a list that is kept oldest first, and told newest first; empty past the end. */
function pageOf<T>(oldestFirst: T[], query: URLSearchParams): T[] {
  const limit = Number(query.get('limit') ?? 25)
  const from = (Number(query.get('page') ?? 1) - 1) * limit
  return oldestFirst.toReversed().slice(from, from + limit)
}

function send(res: ServerResponse, [status, data, error, beside]: Answer): void {
  if (status === 204) return void res.writeHead(204).end()
  const body =
    data === undefined
      ? { error: { type: error ?? 'forbidden', messages: ['Refused.'] } }
      : { data, ...beside }
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

async function readAll(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of req) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

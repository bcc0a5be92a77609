import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { listenOnFreePort } from './listen.ts'
import {
  type Answer,
  type Asset,
  createAsset,
  type MuxState,
  NOT_FOUND,
  newId,
  restRoutes,
  type Upload,
} from './mux-rest.ts'
import { signWebhook, webhookBody } from './mux-webhooks.ts'

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

/**
 * A local server with Mux's own shapes (OpenAPI 15.0.0 and the documented webhook envelope), for what can't be
 * tried against the real cloud: no bytes are kept, and nothing changes unless a test says so.
 */
export async function startMuxCloud(clock: () => Date = () => new Date()): Promise<MuxCloud> {
  const credentials = { tokenId: newId(), tokenSecret: newId(), webhookSecret: newId() }
  const basic = `Basic ${Buffer.from(`${credentials.tokenId}:${credentials.tokenSecret}`).toString('base64')}`
  const files = new Map<string, Buffer>()
  const calls: string[] = []
  let trouble: 'hang' | number | null = null
  let refused: RegExp | null = null
  const hanging = new Set<ServerResponse>()
  const state: MuxState = {
    uploads: new Map(),
    assets: new Map(),
    poisoned: new Set(),
    keys: new Set(),
    clock,
    origin: '',
  }
  const { uploads, assets, poisoned } = state
  const routes = restRoutes(state)

  const answerStorage = (path: string, res: ServerResponse) => {
    const upload = uploads.get(path.split('/')[2] ?? '')
    if (upload?.status === 'waiting') createAsset(state, upload)
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
  state.origin = listening.origin
  const needAsset = (assetId: string): Asset => {
    const asset = assets.get(assetId)
    if (!asset) throw new Error(`there is no asset ${assetId}`)
    return asset
  }

  return {
    origin: listening.origin,
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
          { id: newId(), type: 'video', duration: 23.8, max_width: 1920, max_height: 1080, status: 'ready' },
          { id: newId(), type: 'audio', duration: 23.8, max_channels: 2, status: 'ready', primary: true },
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
        id: newId(),
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
      return createAsset(state, upload)
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
    event: (type, object) => webhookBody(type, object, clock()),
    sign: (body, options = {}) => signWebhook(body, options.secret ?? credentials.webhookSecret, options.at),
    stop: listening.stop,
  }
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

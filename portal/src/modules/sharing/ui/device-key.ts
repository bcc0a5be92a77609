import { ApiError, type ApiOptions, api } from '#portal/ui/api-client.ts'

/** What this browser keeps: a key that cannot leave it, and when it last signed, in milliseconds. */
type Kept = { privateKey: CryptoKey; jwk: JsonWebKey; lastMs: number }

const STORE = 'keys'
const NAME = 'device'
const DEADLINE_MS = 10_000
/** A clock that is this far off is worth a second try with the server's. */
const WORTH_MS = 5000

let skewMs = 0

/**
 * Posts with a proof that this browser holds its key (RFC 9449's shape). One at a time over all tabs: the server takes
 * each proof only if it is newer than the one before.
 */
export async function postWithProof<T>(path: string, options: ApiOptions = {}): Promise<T> {
  return await inTurn(async () => {
    const used = skewMs
    try {
      return await postOnce<T>(path, options)
    } catch (error) {
      const refused = error instanceof ApiError && error.status === 403
      if (!refused || Math.abs(skewMs - used) < WORTH_MS) throw error
      return await postOnce<T>(path, options)
    }
  })
}

async function postOnce<T>(path: string, options: ApiOptions): Promise<T> {
  const dpop = await prove(new URL(path, location.origin).href)
  return await api<T>(path, {
    deadlineMs: DEADLINE_MS,
    ...options,
    method: 'POST',
    body: options.body ?? {},
    headers: { dpop },
    onHeaders(headers) {
      setClock(headers)
      options.onHeaders?.(headers)
    },
  })
}

/** Reads the server's clock off an answer; whole seconds, of which half of one is the best guess. */
export function setClock(headers: Headers): void {
  const server = Date.parse(headers.get('date') ?? '')
  if (!Number.isNaN(server)) skewMs = server + 500 - Date.now()
}

async function prove(htu: string): Promise<string> {
  const store = await openStore()
  try {
    const known = await request<Kept | undefined>(store, 'readonly', (keys) => keys.get(NAME))
    const kept = known ?? (await newKey())
    // Never backwards, whatever becomes of the clock.
    const atMs = Math.max(
      Date.now() + skewMs,
      known ? Math.min(kept.lastMs + 1, Date.now() + skewMs + 30_000) : 0,
    )
    await request(store, 'readwrite', (keys) => keys.put({ ...kept, lastMs: atMs }, NAME))
    return await sign(kept, { jti: crypto.randomUUID(), htm: 'POST', htu, iat: atMs / 1000 })
  } finally {
    store.close()
  }
}

async function newKey(): Promise<Kept> {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign'])
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', pair.publicKey)
  return { privateKey: pair.privateKey, jwk: { kty, crv, x, y } as JsonWebKey, lastMs: 0 }
}

async function sign({ privateKey, jwk }: Kept, claims: Record<string, unknown>): Promise<string> {
  const text = `${encode({ typ: 'dpop+jwt', alg: 'ES256', jwk })}.${encode(claims)}`
  const bytes = new TextEncoder().encode(text)
  const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, privateKey, bytes)
  return `${text}.${base64url(new Uint8Array(signature))}`
}

const encode = (part: unknown) => base64url(new TextEncoder().encode(JSON.stringify(part)))

const base64url = (bytes: Uint8Array) =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')

function inTurn<T>(act: () => Promise<T>): Promise<T> {
  return navigator.locks ? navigator.locks.request('mm-device', act) : act()
}

function openStore(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('mm-device', 1)
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE)
    opening.onsuccess = () => resolve(opening.result)
    opening.onerror = () => reject(keepsNothing())
  })
}

function request<T>(
  store: IDBDatabase,
  mode: IDBTransactionMode,
  ask: (keys: IDBObjectStore) => IDBRequest,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const asked = ask(store.transaction(STORE, mode).objectStore(STORE))
    asked.onsuccess = () => resolve(asked.result as T)
    asked.onerror = () => reject(keepsNothing())
  })
}

const keepsNothing = () =>
  new ApiError({
    status: 0,
    code: 'no_device_key',
    message:
      'This link stays on the device that opens it first, and this window keeps nothing. Open it in an ordinary browser window.',
  })

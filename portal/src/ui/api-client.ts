import { challengeIn, solveChallenge } from './solve-challenge.ts'

/** What an answer that is not 2xx, or no answer at all, means to a person. `code` is the problem's own code. */
export class ApiError extends Error {
  readonly status: number
  readonly code: string
  readonly retryAfterSeconds: number | undefined
  /** field name → sentence */
  readonly fields: Record<string, string>
  /** of a limit: as it is told ("20 in a day"), and the page about it */
  readonly told: { limit?: string | undefined; help?: string | undefined }

  constructor(problem: {
    status: number
    code: string
    message: string
    retryAfter?: number
    fields?: Record<string, string>
    told?: ApiError['told']
  }) {
    super(problem.message)
    this.name = 'ApiError'
    this.status = problem.status
    this.code = problem.code
    this.retryAfterSeconds = problem.retryAfter
    this.fields = problem.fields ?? {}
    this.told = problem.told ?? {}
  }
}

/** What a form finds missing before anything is sent. */
export const notYet = (message: string) => new ApiError({ status: 0, code: 'invalid', message })

const sentences: Record<number, string> = {
  400: 'Something in the form is not right. Check it and send again.',
  401: 'You are signed out. Sign in again, then go on.',
  403: 'You may not do this with your role.',
  404: 'This is not here any more, or it was never yours to see.',
  409: 'Somebody changed this in the meantime. Reload the page and look again.',
  410: 'This has ended and cannot be used any more.',
  413: 'That is larger than the portal takes.',
  415: 'The portal does not take this kind of file.',
  422: 'Something in the form is not right. Check it and send again.',
  429: 'That was too often in a short time. Wait a moment, then try again.',
}

type Problem = {
  code?: string
  type?: string
  detail?: string
  title?: string
  message?: string
  limit?: string
  help?: string
  errors?: {
    field?: string
    path?: string | (string | number)[]
    pointer?: string
    message?: string
    detail?: string
  }[]
}

function fieldsOf(problem: Problem): Record<string, string> {
  const fields: Record<string, string> = {}
  for (const error of Array.isArray(problem.errors) ? problem.errors : []) {
    const path = error.field ?? error.path ?? error.pointer ?? ''
    const name = Array.isArray(path) ? path.join('.') : path.replace(/^#?\//, '')
    const message = error.message ?? error.detail
    if (name && message && !fields[name]) fields[name] = message
  }
  return fields
}

/** Reads an RFC 9457 problem document (or Better Auth's `{code, message}`) into an ApiError with one sentence. */
export async function problemOf(response: Response): Promise<ApiError> {
  const isJson = /[/+]json/.test(response.headers.get('content-type') ?? '')
  const problem = (isJson ? await response.json().catch(() => ({})) : {}) as Problem
  const fallback =
    sentences[response.status] ??
    'The portal could not do this just now. Nothing was changed; try again in a moment.'
  const retryAfter = Number(response.headers.get('retry-after'))
  return new ApiError({
    status: response.status,
    code: (problem.code ?? problem.type?.split(/[/#:]/).at(-1) ?? '').toLowerCase().replaceAll('-', '_'),
    message: problem.detail ?? problem.message ?? fallback,
    retryAfter: Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter : undefined,
    fields: fieldsOf(problem),
    told: { limit: problem.limit, help: problem.help },
  })
}

export type ApiOptions = {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  body?: unknown
  /** beside those of JSON */
  headers?: Record<string, string>
  signal?: AbortSignal
  deadlineMs?: number
  /** sees the answer's headers before its body is read */
  onHeaders?: (headers: Headers) => void
}

/** Asks whoever sits here to show that it is they; false where they don't. */
type ProofAsker = () => Promise<boolean>
let askForProof: ProofAsker | undefined

/** Who asks for a proof of identity where the portal wants a newer one; gives the way to take it back. */
export function askForProofBy(asker: ProofAsker): () => void {
  askForProof = asker
  return () => {
    if (askForProof === asker) askForProof = undefined
  }
}

/**
 * Calls the portal's own API with JSON in and out; where it wants a newer proof of identity, that is asked for and the
 * call is made once more. Throws ApiError for a problem document and, with status 0, where no answer came (offline, or
 * the deadline of 20 s by default has passed).
 */
export async function api<T>(path: string, options: ApiOptions = {}): Promise<T> {
  try {
    return await callOnce<T>(path, options)
  } catch (error) {
    const wanted = error instanceof ApiError && error.code === 'reauthenticate'
    if (!wanted || !askForProof || !(await askForProof())) throw error
    return await callOnce<T>(path, options)
  }
}

async function callOnce<T>(path: string, options: ApiOptions): Promise<T> {
  const first = await send(path, options)
  const challenge = await challengeIn(first)
  const response = challenge
    ? await send(path, { ...options, headers: { ...options.headers, ...(await solveChallenge(challenge)) } })
    : first
  options.onHeaders?.(response.headers)
  if (!response.ok) throw await problemOf(response)
  if (response.status === 204) return undefined as T
  return (await response.json()) as T
}

async function send(path: string, options: ApiOptions): Promise<Response> {
  const { method = 'GET', body, signal, deadlineMs = 20_000 } = options
  const deadline = AbortSignal.timeout(deadlineMs)
  try {
    return await fetch(path, {
      method,
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...options.headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: 'same-origin',
      cache: 'no-store',
      signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
    })
  } catch (error) {
    if (signal?.aborted) throw error
    const offline = typeof navigator !== 'undefined' && navigator.onLine === false
    throw new ApiError({
      status: 0,
      code: offline ? 'offline' : 'unreachable',
      message: offline
        ? 'You are offline. This goes on when the connection is back.'
        : 'The portal did not answer. Check the connection and try again.',
    })
  }
}

/** The sentence to show for anything that was thrown. */
export function sentenceFor(error: unknown): string {
  if (error instanceof ApiError) return error.message
  return 'Something went wrong on this page. Try again; nothing was changed.'
}

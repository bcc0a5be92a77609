import { readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Browser } from '@playwright/test'
import { launchBrowser, privateWindow } from '../support/browser.ts'
import { invite, type Playback, signIn } from '../support/portal-people.ts'
import { ladderComplete, type NewShare } from '../support/ready-video.ts'
import {
  breakOff,
  heldBytes,
  sendRest,
  startUpload,
  type UploadPlace,
  type UploadState,
  uploadEnds,
} from '../support/send-upload.ts'
import { verifyLog } from '../support/stack-tools.ts'
import { compareMedia, isSound } from './compare-media.ts'
import type { Steps } from './steps.ts'
import type { Target } from './target.ts'
import { uploadThroughPage } from './upload-through-page.ts'
import { watchAndRevoke } from './watch-and-revoke.ts'

const PLAYABLE_MS = 300_000
const LADDER_MS = 900_000

/** The whole main job with one file, step by step. @throws what a step throws, after it was noted down */
export async function runMainJob(target: Target, file: string, steps: Steps): Promise<void> {
  const { step } = steps
  const admin = await step('sign in as the first administrator', () => signIn(target.url, target.admin))
  const account = await step('invite an agency user, who accepts', () => invite(admin))
  const agency = await step('sign in as the agency user', () => signIn(target.url, account))

  const bytes = await readFile(file)
  const place = await step(
    'begin an upload; the job exists before the first byte',
    async () => {
      const started = await startUpload(agency, {
        name: basename(file),
        size: bytes.length,
        contentType: typeOf(file),
      })
      const { status } = await agency.call<UploadState>('GET', `/api/uploads/${started.id}`)
      if (status !== 'waiting') throw new Error(`its status is ${status}`)
      return started
    },
    ({ id }) => id,
  )
  await step(
    'send it in chunks, with a broken connection in the middle',
    () => sendBroken(place, bytes),
    (words) => words,
  )

  const ended = await step(
    'wait until it plays',
    () => endOf(agency, place),
    (upload) => upload.error ?? upload.status,
  )
  if (ended.status === 'failed') return refuseRightly(steps, file, ended)

  await step(
    'the owner plays it: decoded and compared with the source',
    async () => {
      const { playbackUrl } = await agency.call<Playback>('POST', `/api/videos/${place.videoId}/playback`)
      return await mustMatch(file, playbackUrl)
    },
    (words) => words,
  )

  const browser = await launchBrowser()
  try {
    await step(
      'upload it once more through the page, with a reload in the middle',
      () => inBrowser(browser, target, (window) => uploadThroughPage(window.page, target.url, account, file)),
      (words) => words,
    )
    const share = await step('share it by verified e-mail', () =>
      agency.call<NewShare>('POST', `/api/videos/${place.videoId}/shares`, { access: 'email' }),
    )
    await watchAndRevoke({ browser, target, admin, agency, share, steps })
  } finally {
    await browser.close()
  }
  await step('the whole ladder is made', () => ladderComplete(agency, place.videoId, LADDER_MS))
  await step('audit verify, by the command line', async () => {
    const { ok, says } = await verifyLog(target)
    if (!ok) throw new Error(says)
    return says
  })
}

async function inBrowser<T>(
  browser: Browser,
  target: Target,
  work: (window: Awaited<ReturnType<typeof privateWindow>>) => Promise<T>,
): Promise<T> {
  const window = await privateWindow(browser, target.url)
  try {
    const value = await work(window)
    if (window.foreign.length) throw new Error(`requests to other hosts: ${window.foreign.join(', ')}`)
    if (window.faults.length) throw new Error(`faults in the page: ${window.faults.join(' | ')}`)
    return value
  } finally {
    await window.context.close()
  }
}

/** A third of the file on a connection that breaks, a chunk that overlaps what the server has, then the rest. */
async function sendBroken({ uploadUrl }: UploadPlace, bytes: Buffer): Promise<string> {
  const third = Math.floor(bytes.length / 3)
  await breakOff(uploadUrl, bytes, 0, third)
  const had = await sendRest(uploadUrl, bytes, 4 * 1024 * 1024)
  const held = await heldBytes(uploadUrl, bytes.length)
  if (held !== bytes.length) throw new Error(`the server holds ${held} of ${bytes.length} bytes`)
  return `${bytes.length} bytes, went on from ${had}`
}

async function endOf(agency: Parameters<typeof uploadEnds>[0], { id }: UploadPlace): Promise<UploadState> {
  return await uploadEnds(agency, id, 'ready', PLAYABLE_MS).catch(async (error: Error) => {
    const upload = await agency.call<UploadState>('GET', `/api/uploads/${id}`)
    if (upload.status !== 'failed') throw error
    return upload
  })
}

/** A broken file's right end is a failed state with a sentence; a sound file that fails is our fault. */
async function refuseRightly({ measured }: Steps, file: string, upload: UploadState): Promise<void> {
  const sentence = upload.error ?? ''
  const broken = !(await isSound(file)) || (await stat(file)).size === 0
  measured('a broken file is refused with a reason', 0, broken && /\w+ \w+/.test(sentence), sentence)
}

async function mustMatch(file: string, playbackUrl: string): Promise<string> {
  const { ok, says } = await compareMedia(file, playbackUrl)
  if (!ok) throw new Error(says)
  return says
}

const TYPES: Record<string, string> = { webm: 'video/webm', mov: 'video/quicktime', mkv: 'video/x-matroska' }
const typeOf = (file: string) => TYPES[file.split('.').at(-1)?.toLowerCase() ?? ''] ?? 'video/mp4'

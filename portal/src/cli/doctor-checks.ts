import { access, stat, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { currentSigningKey } from '../modules/playback/signing-key.ts'
import { loadSettings, type Settings } from '../platform/env.ts'
import { isLoopback } from '../platform/settings/loopback.ts'
import { withPortal } from './command.ts'
import { checkMail, checkPort, checkTls } from './doctor-network.ts'
import { checkProgram } from './doctor-programs.ts'

export type Check = {
  name: string
  status: 'ok' | 'warn' | 'fail'
  /** One sentence; where the status isn't ok, with what to do. */
  message: string
}

const GIB = 1024 ** 3
const CLOCK_WARN_MS = 1000
/** Beyond it, tokens of five minutes and webhooks of five minutes fail for no visible reason. */
const CLOCK_FAIL_MS = 30_000
const OLDEST_POSTGRES = 150_000

/** @throws SettingsError before anything is checked, where the settings are wrong */
export async function checkInstallation(env: Record<string, string | undefined>): Promise<Check[]> {
  const settings = loadSettings(env)
  // Looked at first: opening the portal below sets the modes right by itself.
  const secretFiles = await checkSecretFiles(settings)
  return [
    { name: 'settings', status: 'ok', message: `Valid. Data lies in ${settings.DATA_DIR}.` },
    checkNode(process.versions.node),
    ...(await checkDatabase(settings)),
    ...(settings.videoProvider === 'engine'
      ? [
          await checkProgram('ffmpeg', settings.FFMPEG_PATH),
          await checkProgram('ffprobe', settings.FFPROBE_PATH),
        ]
      : [{ name: 'ffmpeg', status: 'ok', message: 'Not needed: Mux processes the videos.' } as const]),
    await checkDisk(settings.DATA_DIR),
    ...secretFiles,
    await checkPort(settings),
    await checkTls(settings),
    await checkMail(settings),
    privacyCheck(settings),
  ]
}

function checkNode(version: string): Check {
  const ok = Number(version.split('.')[0]) >= 24
  return ok
    ? { name: 'node', status: 'ok', message: version }
    : { name: 'node', status: 'fail', message: `${version} is too old: run it by npm, which brings Node 24.` }
}

/** Postgres, its clock, and the keys that are sealed in it. */
async function checkDatabase(settings: Settings): Promise<Check[]> {
  if (!settings.DATABASE_URL && !(await exists(join(settings.DATA_DIR, 'postgres-passwords.json')))) {
    return [{ name: 'postgres', status: 'ok', message: 'None yet: the first npm run up makes it.' }]
  }
  try {
    return await withPortal(async ({ app }) => {
      const sent = performance.now()
      const { rows } = await app.pool.query(
        `select current_setting('server_version_num')::int as number, current_setting('server_version') as version,
                clock_timestamp() as now, (select rolsuper from pg_roles where rolname = current_user) as super`,
      )
      const tookMs = performance.now() - sent
      const key = await currentSigningKey(app).then(
        (): Check => ({
          name: 'keys',
          status: 'ok',
          message: 'The playback signing key opens with the secrets file.',
        }),
        (error: Error & { code?: string }): Check => brokenKey(settings, error),
      )
      return [
        postgresCheck(rows[0], tookMs),
        clockCheck(rows[0].now.getTime() - (Date.now() - tookMs / 2)),
        key,
      ]
    })
  } catch (error) {
    const reason = (error instanceof Error ? error.message : String(error)).replace(/[.\s]*$/, '.')
    const what = settings.DATABASE_URL ? 'Check DATABASE_URL, and that the server accepts this machine.' : ''
    return [{ name: 'postgres', status: 'fail', message: `${reason} ${what}`.trim() }]
  }
}

function brokenKey(settings: Settings, error: { code?: string }): Check {
  // "unavailable" is how a portal that never ran says that it has no key yet.
  if (error.code === 'unavailable') {
    return {
      name: 'keys',
      status: 'ok',
      message: 'No playback signing key yet: the first npm run up makes it.',
    }
  }
  const message = `${settings.SECRETS_FILE} does not open this database's keys: restore the secrets file that belongs to it.`
  return { name: 'keys', status: 'fail', message }
}

/** Judges what the server says of itself. */
export function postgresCheck(
  row: { number: number; version: string; super: boolean },
  tookMs: number,
): Check {
  const name = 'postgres'
  if (row.number < OLDEST_POSTGRES) {
    return { name, status: 'fail', message: `${row.version} is too old: use PostgreSQL 15 or newer.` }
  }
  if (row.super) {
    const message = `${row.version}, but the portal connects as a superuser: give it a role that owns its database only.`
    return { name, status: 'warn', message }
  }
  return { name, status: 'ok', message: `${row.version}, answers in ${tookMs.toFixed(1)} ms.` }
}

/** @param offMs how far the database's clock is ahead of this machine's */
export function clockCheck(offMs: number): Check {
  const name = 'clock'
  const off = `${(Math.abs(offMs) / 1000).toFixed(1)} s ${offMs > 0 ? 'ahead of' : 'behind'} this machine`
  if (Math.abs(offMs) < CLOCK_WARN_MS) return { name, status: 'ok', message: 'Database and machine agree.' }
  const status = Math.abs(offMs) < CLOCK_FAIL_MS ? 'warn' : 'fail'
  return { name, status, message: `The database is ${off}: set both by NTP (timedatectl set-ntp true).` }
}

async function checkDisk(dataDir: string): Promise<Check> {
  let folder = dataDir
  while (!(await exists(folder)) && folder !== dirname(folder)) folder = dirname(folder)
  const { bavail, bsize } = await statfs(folder)
  return diskCheck(dataDir, bavail * bsize)
}

/** @param freeBytes what an ordinary user may still write */
export function diskCheck(dataDir: string, freeBytes: number): Check {
  const free = `${(freeBytes / GIB).toFixed(1)} GiB free for ${dataDir}`
  if (freeBytes < GIB)
    return { name: 'disk', status: 'fail', message: `${free}: make room, uploads will fail.` }
  if (freeBytes < 10 * GIB)
    return { name: 'disk', status: 'warn', message: `${free}: make room for videos soon.` }
  return { name: 'disk', status: 'ok', message: `${free}.` }
}

/** Whoever is recorded must be told whom to ask; on one's own machine there is nobody else. */
export function privacyCheck({
  PRIVACY_CONTACT: contact,
  PUBLIC_URL,
}: Pick<Settings, 'PRIVACY_CONTACT' | 'PUBLIC_URL'>): Check {
  const name = 'privacy'
  if (contact) return { name, status: 'ok', message: `The notice at /privacy names ${contact}.` }
  if (isLoopback(PUBLIC_URL)) return { name, status: 'ok', message: 'Nobody else reaches this portal.' }
  const message = 'The notice at /privacy names nobody whom viewers can ask: set PRIVACY_CONTACT.'
  return { name, status: 'warn', message }
}

/** Files that hold secrets must be readable by their owner alone. */
export async function checkSecretFiles(
  settings: Pick<Settings, 'SECRETS_FILE' | 'DATA_DIR'> & Partial<Pick<Settings, 'MASTER_KEY_FILE'>>,
): Promise<Check[]> {
  const files = [
    settings.SECRETS_FILE,
    ...(settings.MASTER_KEY_FILE ? [settings.MASTER_KEY_FILE] : []),
    ...['postgres-passwords.json', 'first-password.txt'].map((name) => join(settings.DATA_DIR, name)),
  ]
  const checks: Check[] = []
  let seen = 0
  for (const file of files) {
    const found = await stat(file).catch(() => null)
    if (!found) continue
    seen += 1
    const open = (found.mode & 0o077) !== 0
    if (open)
      checks.push({ name: 'secrets', status: 'fail', message: `Others may read ${file}: chmod 600 it.` })
    const mine = found.uid === process.getuid?.() || process.getuid?.() === 0
    if (!mine)
      checks.push({ name: 'secrets', status: 'fail', message: `${file} belongs to another user: chown it.` })
  }
  if (await exists(join(settings.DATA_DIR, 'first-password.txt'))) {
    const message = `The first password still waits in ${settings.DATA_DIR}/first-password.txt: sign in, and it goes.`
    checks.push({ name: 'secrets', status: 'warn', message })
  }
  if (checks.length) return checks
  const message = seen
    ? 'Secret files are readable by their owner alone.'
    : 'None yet: the first npm run up makes them.'
  return [{ name: 'secrets', status: 'ok', message }]
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  )
}

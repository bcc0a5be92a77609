import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdir, statfs } from 'node:fs/promises'
import { promisify } from 'node:util'
import { type Call, type Noun, table } from './command.ts'
import type { OpenEngine } from './open-engine.ts'

const TOOL_MS = 10_000
const LEAST_FREE_BYTES = 2_000_000_000
const ENCODERS = ['libx264', 'aac']

type Finding = { check: string; ok: boolean; found: string }

export const doctor: Noun = {
  name: 'doctor',
  verbs: {
    '': {
      summary: 'looks at settings, database, ffmpeg, storage and disk',
      async run(call) {
        const findings = await examine(call)
        const ok = findings.every((each) => each.ok)
        return {
          data: { ok, findings },
          text: table(
            ['', 'CHECK', 'FOUND'],
            findings.map((each) => [each.ok ? 'ok' : 'BAD', each.check, each.found]),
          ),
          ok,
        }
      },
    },
  },
}

async function examine(call: Call): Promise<Finding[]> {
  let engine: OpenEngine
  try {
    engine = await call.open()
  } catch (error) {
    return [{ check: 'settings', ok: false, found: messageOf(error) }]
  }
  const { config } = engine
  return [
    {
      check: 'settings',
      ok: true,
      found: `storage ${config.storage.kind}, roles ${config.roles.join(', ')}`,
    },
    await finding('database', () => database(engine)),
    await finding('ffmpeg', () => tool(config.ffmpegPath)),
    await finding('ffprobe', () => tool(config.ffprobePath)),
    await finding('encoders', () => encoders(config.ffmpegPath)),
    await finding('storage', () => storage(engine)),
    await finding('disk', () => disk(config.storage.folder)),
  ]
}

async function finding(check: string, look: () => Promise<string>): Promise<Finding> {
  return look().then(
    (found) => ({ check, ok: true, found }),
    (error) => ({ check, ok: false, found: messageOf(error) }),
  )
}

async function database({ ctx }: OpenEngine): Promise<string> {
  const { rows } = await ctx.pool.query(`select current_setting('server_version') as version,
    to_regclass('engine.migrations') is not null as migrated`)
  if (!rows[0].migrated)
    throw new Error(`Postgres ${rows[0].version}, not migrated yet: run migrate or serve`)
  const { rows: counted } = await ctx.pool.query('select count(*) as migrations from engine.migrations')
  return `Postgres ${rows[0].version}, ${counted[0].migrations} migrations`
}

async function tool(path: string): Promise<string> {
  const { stdout } = await promisify(execFile)(path, ['-version'], { timeout: TOOL_MS })
  return stdout.split('\n')[0]!.split(' Copyright')[0]!
}

async function encoders(ffmpegPath: string): Promise<string> {
  const { stdout } = await promisify(execFile)(ffmpegPath, ['-hide_banner', '-encoders'], {
    timeout: TOOL_MS,
  })
  const missing = ENCODERS.filter((name) => !new RegExp(`^ \\S+ ${name} `, 'm').test(stdout))
  if (missing.length > 0) throw new Error(`this ffmpeg has no ${missing.join(' and no ')}`)
  return ENCODERS.join(', ')
}

/** Writes, reads and removes a small object. */
async function storage({ stores }: OpenEngine): Promise<string> {
  const { storage } = await stores()
  const prefix = `doctor/${randomUUID()}/`
  const bytes = Buffer.from('written by doctor')
  await storage.put(`${prefix}probe`, bytes)
  const read = await storage.readAll(`${prefix}probe`)
  await storage.deletePrefix(prefix)
  if (!read?.equals(bytes)) throw new Error('what was written could not be read back')
  return 'writes, reads and removes'
}

async function disk(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const { bavail, bsize, blocks } = await statfs(folder)
  const free = bavail * bsize
  const text = `${(free / 1e9).toFixed(1)} of ${((blocks * bsize) / 1e9).toFixed(1)} GB free at ${folder}`
  if (free < LEAST_FREE_BYTES) throw new Error(text)
  return text
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message || error.name : String(error))
